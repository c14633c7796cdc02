// What an application does with ioredis: node ioredis-session.js PORT SCENARIO. Exits with 0 when all went well.
'use strict';

const assert = require('node:assert/strict');
const Redis = require('ioredis');
const { eventually, keysOf, main } = require('./session');

const port = Number(process.argv[2]);
const open = [];

function connect(options = {}) {
  const client = new Redis({ port, maxRetriesPerRequest: 3, ...options });
  open.push(client);
  return client;
}

const scenarios = {
  async strings() {
    const redis = connect();
    assert.equal(await redis.set('io:a', '1'), 'OK');
    assert.equal(await redis.get('io:a'), '1');
    assert.equal(await redis.incrby('io:a', 41), 42);
    assert.equal(await redis.set('io:a', 'x', 'NX'), null);
    assert.equal(await redis.set('io:a', 'x', 'EX', 100), 'OK');
    assert.ok((await redis.ttl('io:a')) > 0);
    const binary = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await redis.set('io:binary', binary);
    assert.deepEqual(await redis.getBuffer('io:binary'), binary);
    await assert.rejects(redis.call('SET', 'io:a'), /wrong number of arguments/);
  },

  async collections() {
    const redis = connect();
    await redis.del('io:h', 'io:z', 'io:l');
    await redis.hset('io:h', { f: '1', g: '2' });
    assert.deepEqual(await redis.hgetall('io:h'), { f: '1', g: '2' });
    assert.equal(await redis.zadd('io:z', 1, 'one', 2.5, 'two'), 2);
    assert.deepEqual(await redis.zrange('io:z', 0, -1, 'WITHSCORES'), ['one', '1', 'two', '2.5']);
    assert.equal(await redis.rpush('io:l', 'a', 'b'), 2);
    assert.deepEqual(await redis.lrange('io:l', 0, -1), ['a', 'b']);
  },

  async pipeline() {
    const redis = connect();
    await redis.del('io:n');
    const pipeline = redis.pipeline();
    for (let i = 0; i < 5000; i++) pipeline.incr('io:n');
    const replies = await pipeline.exec();
    assert.deepEqual(replies.at(-1), [null, 5000]);
  },

  async transaction() {
    const redis = connect();
    assert.deepEqual(await redis.multi().set('io:t', '1').incr('io:t').exec(), [[null, 'OK'], [null, 2]]);
    await redis.watch('io:t');
    await connect().set('io:t', 'changed');
    assert.equal(await redis.multi().set('io:t', '0').exec(), null);
    assert.equal(await redis.get('io:t'), 'changed');
  },

  async pubsub() {
    const redis = connect();
    const subscriber = connect();
    const heard = [];
    subscriber.on('message', (channel, message) => heard.push([channel, message]));
    subscriber.on('pmessage', (pattern, channel, message) => heard.push([pattern, channel, message]));
    assert.equal(await subscriber.subscribe('io:news'), 1);
    assert.equal(await subscriber.psubscribe('io:p*'), 2);
    assert.equal(await redis.publish('io:news', 'hello'), 1);
    assert.equal(await redis.publish('io:pattern', 'there'), 1);
    await eventually(() => heard.length === 2);
    assert.deepEqual(heard, [['io:news', 'hello'], ['io:p*', 'io:pattern', 'there']]);
    await subscriber.unsubscribe('io:news');
    await subscriber.punsubscribe('io:p*');
    assert.equal(await redis.publish('io:news', 'nobody'), 0);
  },

  async scan() {
    const redis = connect();
    const names = keysOf('io:scan', 1000);
    await redis.mset(...names.flatMap((name) => [name, 'x']));
    const found = new Set();
    for await (const page of redis.scanStream({ match: 'io:scan:*', count: 100 })) page.forEach((name) => found.add(name));
    assert.deepEqual([...found].sort(), names.sort());
  },

  async blocking() {
    const redis = connect();
    await redis.del('io:queue');
    const taken = connect().blpop('io:none', 'io:queue', 10);
    await eventually(async () => /blocked_clients:[1-9]/.test(await redis.info('clients')));
    await redis.rpush('io:queue', 'job');
    assert.deepEqual(await taken, ['io:queue', 'job']);
    assert.equal(await redis.blpop('io:queue', 0.05), null);
  },

  async reconnect() {
    const redis = connect({ connectionName: 'io-reconnect', retryStrategy: () => 10 });
    redis.on('error', () => {});
    const first = await redis.client('ID');
    assert.equal(await connect().client('KILL', 'ID', first), 1);
    await eventually(async () => (await redis.client('ID').catch(() => first)) !== first);
    assert.equal(await redis.client('GETNAME'), 'io-reconnect');
  },
};

main(scenarios, () => open.forEach((client) => client.disconnect()));
