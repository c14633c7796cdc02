// What an application does with node-redis: node node-redis-session.js PORT SCENARIO [2|3]. Exits with 0 when all went well.
'use strict';

const assert = require('node:assert/strict');
const { createClient } = require('redis');
const { eventually, keysOf, main } = require('./session');

const port = Number(process.argv[2]);
const RESP = Number(process.argv[4] ?? 2);
const open = [];

async function connect(options = {}) {
  const client = createClient({ RESP, socket: { port, reconnectStrategy: () => 10 }, ...options });
  client.on('error', () => {});
  open.push(client);
  return client.connect();
}

const scenarios = {
  async strings() {
    const redis = await connect();
    assert.equal(await redis.set('nr:a', '1'), 'OK');
    assert.equal(await redis.get('nr:a'), '1');
    assert.equal(await redis.incrBy('nr:a', 41), 42);
    assert.equal(await redis.set('nr:a', 'x', { NX: true }), null);
    assert.equal(await redis.set('nr:a', 'x', { EX: 100 }), 'OK');
    assert.ok((await redis.ttl('nr:a')) > 0);
    await assert.rejects(redis.sendCommand(['SET', 'nr:a']), /wrong number of arguments/);
  },

  async collections() {
    const redis = await connect();
    await redis.del(['nr:h', 'nr:z', 'nr:s']);
    await redis.hSet('nr:h', { f: '1', g: '2' });
    assert.deepEqual({ ...(await redis.hGetAll('nr:h')) }, { f: '1', g: '2' });
    assert.equal(await redis.zAdd('nr:z', [{ score: 1, value: 'one' }, { score: 2.5, value: 'two' }]), 2);
    assert.deepEqual(
      (await redis.zRangeWithScores('nr:z', 0, -1)).map(({ value, score }) => [value, score]),
      [['one', 1], ['two', 2.5]],
    );
    assert.equal(await redis.zScore('nr:z', 'two'), 2.5);
    assert.equal(await redis.sAdd('nr:s', ['x', 'y']), 2);
    assert.deepEqual([...(await redis.sMembers('nr:s'))].sort(), ['x', 'y']);
  },

  async pipeline() {
    const redis = await connect();
    await redis.del('nr:n');
    const replies = await Promise.all(Array.from({ length: 5000 }, () => redis.incr('nr:n')));
    assert.equal(replies.at(-1), 5000);
  },

  async transaction() {
    const redis = await connect();
    assert.deepEqual(await redis.multi().set('nr:t', '1').incr('nr:t').exec(), ['OK', 2]);
    await redis.watch('nr:t');
    await (await connect()).set('nr:t', 'changed');
    await assert.rejects(redis.multi().set('nr:t', '0').exec(), /watch/i);
    assert.equal(await redis.get('nr:t'), 'changed');
  },

  async pubsub() {
    const redis = await connect();
    const subscriber = await connect();
    const heard = [];
    await subscriber.subscribe('nr:news', (message, channel) => heard.push([channel, message]));
    await subscriber.pSubscribe('nr:p*', (message, channel) => heard.push([channel, message]));
    await subscriber.sSubscribe('nr:shard', (message, channel) => heard.push([channel, message]));
    assert.equal(await redis.publish('nr:news', 'hello'), 1);
    assert.equal(await redis.publish('nr:pattern', 'there'), 1);
    assert.equal(await redis.sPublish('nr:shard', 'here'), 1);
    await eventually(() => heard.length === 3);
    assert.deepEqual(heard, [['nr:news', 'hello'], ['nr:pattern', 'there'], ['nr:shard', 'here']]);
    await subscriber.unsubscribe('nr:news');
    await subscriber.pUnsubscribe('nr:p*');
    await subscriber.sUnsubscribe('nr:shard');
    assert.equal(await redis.publish('nr:news', 'nobody'), 0);
  },

  async scan() {
    const redis = await connect();
    const names = keysOf('nr:scan', 1000);
    await redis.mSet(names.map((name) => [name, 'x']));
    const found = new Set();
    for await (const page of redis.scanIterator({ MATCH: 'nr:scan:*', COUNT: 100 })) [page].flat().forEach((name) => found.add(name));
    assert.deepEqual([...found].sort(), names.sort());
  },

  async blocking() {
    const redis = await connect();
    await redis.del('nr:queue');
    const taken = (await connect()).blPop(['nr:none', 'nr:queue'], 10);
    await eventually(async () => /blocked_clients:[1-9]/.test(await redis.info('clients')));
    await redis.rPush('nr:queue', 'job');
    assert.deepEqual({ ...(await taken) }, { key: 'nr:queue', element: 'job' });
    assert.equal(await redis.blPop('nr:queue', 0.05), null);
  },

  async reconnect() {
    const redis = await connect({ name: 'nr-reconnect' });
    const first = await redis.clientId();
    assert.equal(await (await connect()).sendCommand(['CLIENT', 'KILL', 'ID', String(first)]), 1);
    await eventually(async () => (await redis.clientId().catch(() => first)) !== first);
    assert.equal(await redis.clientGetName(), 'nr-reconnect');
  },
};

main(scenarios, () => open.forEach((client) => client.destroy()));
