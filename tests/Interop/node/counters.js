// Counts with ioredis until the input ends: node counters.js cluster|plain PORT,PORT... NAME COUNT. A line of input has every counter, NAME:0,
// NAME:1 ..., incremented once. After that comes a line of JSON: how often each counter's command was sent, by the library's own repetitions
// too; how often it was acknowledged; the number that the server gave to the connection; the last error.
'use strict';

const readline = require('node:readline');
const Redis = require('ioredis');

const [mode, portList, name, count] = process.argv.slice(2);
const ports = portList.split(',').map(Number);
const keys = Array.from({ length: Number(count) }, (_, i) => `${name}:${i}`);
const sent = keys.map(() => 0);
const acknowledged = keys.map(() => 0);

const { toWritable } = Redis.Command.prototype;
Redis.Command.prototype.toWritable = function (socket) {
  if (this.name === 'incr') sent[keys.indexOf(this.args[0])]++;
  return toWritable.call(this, socket);
};

function connect() {
  return mode === 'cluster' ? new Redis.Cluster(ports.map((port) => ({ host: '127.0.0.1', port }))) : new Redis({ port: ports[0] });
}

const connection = () => (mode === 'plain' ? client.client('ID').catch(() => 0) : 0);

let error = null;
const client = connect();
client.on('error', () => {});

async function main() {
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    await Promise.all(keys.map((key, i) => client.incr(key).then(() => acknowledged[i]++, (e) => { error = e.message; })));
    console.log(JSON.stringify([sent, acknowledged, await connection(), error]));
  }
  process.exit(0);
}

main();
