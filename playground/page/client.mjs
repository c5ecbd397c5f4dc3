// Asks the worker; one that has failed is followed by a new one.

let worker;
let number = 0;
const waiting = new Map();

function start() {
  worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: { id, answer, problem, failure } }) => {
    if (failure !== undefined) return fail(failure);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (problem === undefined) resolve(answer);
    else reject(new Error(problem));
  };
  worker.onerror = (event) => fail(event.message || "the linter cannot be loaded");
}

function fail(reason) {
  worker?.terminate();
  worker = undefined;
  const failed = [...waiting.values()];
  waiting.clear();
  const last = reason.trim().split("\n").at(-1);
  for (const { reject } of failed) reject(new Error(`The linter failed: ${last}`));
}

start(); // loading takes longer than all else

/** Ask a function of multitool_playground.py. */
export function ask(...question) {
  if (!worker) start();
  number += 1;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    worker.postMessage({ id: number, question });
  });
}
