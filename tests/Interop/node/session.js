// What both sessions share.
'use strict';

const WAIT_MS = 5000;
const POLL_MS = 5;

/** Asks until the answer is yes; fails when it never is. */
async function eventually(condition) {
  const end = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const keysOf = (prefix, count) => Array.from({ length: count }, (_, i) => `${prefix}:${i}`);

/** Runs the scenario that the command line names. */
function main(scenarios, close) {
  scenarios[process.argv[3]]().then(close, (error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { eventually, keysOf, main };
