// What an application does with the cluster client of ioredis: node ioredis-cluster-session.js PORT. Exits with 0 when all went well.
'use strict';

const assert = require('node:assert/strict');
const Redis = require('ioredis');

async function session(cluster) {
  for (let i = 0; i < 200; i++) assert.equal(await cluster.set(`io:${i}`, i), 'OK');
  const values = await Promise.all(Array.from({ length: 200 }, (_, i) => cluster.get(`io:${i}`)));
  assert.deepEqual(values, Array.from({ length: 200 }, (_, i) => `${i}`));
  assert.equal(cluster.nodes('master').length, 3);
  const sizes = await Promise.all(cluster.nodes('master').map((node) => node.dbsize()));
  assert.equal(sizes.reduce((sum, size) => sum + size), 200);
  assert.deepEqual(await cluster.multi().set('{io}a', '1').incr('{io}a').exec(), [[null, 'OK'], [null, 2]]);
  assert.deepEqual(await cluster.mget('{io}a', '{io}b'), ['2', null]);
  await assert.rejects(cluster.mget('a', 'b'), /CROSSSLOT/);
}

const cluster = new Redis.Cluster([{ host: '127.0.0.1', port: Number(process.argv[2]) }]);
session(cluster).then(() => cluster.quit(), (error) => {
  console.error(error);
  process.exit(1);
});
