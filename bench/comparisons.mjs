// @ts-check
// Every comparison that there is; names, help and documentation come from this list.
import { existsSync } from 'node:fs';
import { MissingError, PeerError } from './contestant.mjs';
import { lineOf } from './line.mjs';
import { ours, startClocked, tfjsCpu, tfjsWasm, torch } from './sides.mjs';
import { costs, dataFree, recordedLabels, sentences, textWorkloads, workloads } from './workloads.mjs';

/** @typedef {import('./contestant.mjs').Contestant} Contestant */
/** @typedef {import('./line.mjs').Line} Line */
/** @typedef {import('./sides.mjs').Side} Side */
/** @typedef {import('./statistics.mjs').Pair} Pair */
/** @typedef {import('./workloads.mjs').Workload} Workload */

/** @typedef {import('./sides.mjs').Setting & { pairs: number, seconds: number }} Plan `seconds`: no pair is begun that would end later */

/**
 * @typedef {object} Comparison
 * @property {string} name
 * @property {string} summary
 * @property {(plan: Plan) => Promise<Line>} measure
 */

/** A turn usually lasts about this long: many calls of the engine, short against the moods of a machine. */
const turnMilliseconds = 1000;
/** Between turns, so that the threads of the side that was busy are asleep. */
const pauseMilliseconds = 50;
/** A side that needs longer for one turn is given up. */
const limit = 240_000;
/** Where a fresh process is started for each. */
const mostMemoryPairs = 3;

const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));

/** @param {Contestant} side @param {number} steps */
async function turn(side, steps) {
  await pause();
  const taken = await side.run(steps, limit);
  if (!Number.isFinite(taken.loss)) throw new PeerError(`the loss is ${taken.loss}`);
  return { ...taken, perStep: taken.milliseconds / taken.steps };
}

/** Where batches differ in length, a turn holds several of each. */
const longTurnMilliseconds = 4000;

/** Warms a side up and says how many steps fill a turn. @param {Contestant} side @param {number} [milliseconds] */
async function warmUp(side, milliseconds = turnMilliseconds) {
  const first = await turn(side, 1);
  if (first.milliseconds > milliseconds) return 1;
  const second = await turn(side, Math.ceil(milliseconds / 2 / first.perStep));
  return Math.max(1, Math.round(milliseconds / second.perStep));
}

/**
 * As many pairs as the plan allows, at least one.
 * @param {Plan} plan
 * @param {() => Promise<Pair>} measure
 */
async function collect({ pairs, seconds }, measure) {
  /** @type {Pair[]} */
  const found = [];
  const began = performance.now();
  while (found.length < pairs) {
    found.push(await measure());
    const spent = performance.now() - began;
    if (spent + spent / found.length > seconds * 1000) break;
  }
  return found;
}

/**
 * A line in any case: a peer that is missing or fails has its reason there instead of a number. Our own failure is thrown.
 * @param {{ name: string, unit: string, side: Side }} about
 * @param {() => Promise<Line>} measure
 */
async function orReason({ name, unit, side }, measure) {
  try {
    return await measure();
  } catch (error) {
    if (error instanceof MissingError) {
      return lineOf({ name, peer: side.name, unit, note: `skipped: ${error.message}; to get it: ${side.install}` }, []);
    }
    if (error instanceof PeerError) return lineOf({ name, peer: side.name, unit, note: `cannot: ${error.message}` }, []);
    throw error;
  }
}

/** Our failure is no result of a comparison. @template T @param {Promise<T>} work @returns {Promise<T>} */
const must = (work) =>
  work.catch((error) => {
    throw new Error(`Potstill failed: ${error.message}`, { cause: error });
  });

/** @param {Contestant} mine @param {Contestant} peer */
function checkSameWork(mine, peer) {
  const [a, b] = [mine.about.parameters, peer.about.parameters];
  if (a !== b) throw new Error(`the students differ: ${a} parameters against ${b} in ${peer.about.version}`);
}

/** @param {Workload} workload @param {Side} side @param {string} name @param {number} [milliseconds] of a turn @returns {Comparison} */
function stepTime(workload, side, name, milliseconds) {
  const unit = 'ms/step';
  return {
    name,
    summary: `time of a step, ${workload.summary}, against ${side.name}`,
    measure: (plan) =>
      orReason({ name, unit, side }, async () => {
        const peer = await side.start(workload, plan);
        const mine = await must(ours.start(workload, plan)).catch(async (error) => {
          await peer.stop();
          throw error;
        });
        try {
          checkSameWork(mine, peer);
          const theirSteps = await warmUp(peer, milliseconds);
          const ourSteps = await must(warmUp(mine, milliseconds));
          const pairs = await collect(plan, async () => ({
            ours: (await must(turn(mine, ourSteps))).perStep,
            theirs: (await turn(peer, theirSteps)).perStep,
          }));
          const note = [peer.about.detail, workload.note].filter((part) => part !== undefined).join('; ');
          return lineOf({ name, peer: peer.about.version, unit, note: note || undefined }, pairs);
        } finally {
          await Promise.all([mine.stop(), peer.stop()]);
        }
      }),
  };
}

/** @param {Workload} workload @returns {Comparison} */
function engineShare(workload) {
  const name = `${workload.name}-overhead`;
  return {
    name,
    summary: `time of a step, ${workload.summary}, against the part of it that is spent inside ONNX Runtime`,
    async measure(plan) {
      const mine = await startClocked(workload, plan);
      try {
        const steps = await warmUp(mine);
        const pairs = await collect(plan, async () => {
          const { perStep, engine = 0, steps: taken } = await turn(mine, steps);
          return { ours: perStep, theirs: engine / taken };
        });
        return lineOf({ name, peer: `${mine.about.version} alone`, unit: 'ms/step' }, pairs);
      } finally {
        await mine.stop();
      }
    },
  };
}

/** @param {Workload} workload @param {Side} side @param {string} name @returns {Comparison} */
function peakMemory(workload, side, name) {
  const unit = 'MB';
  /** @param {Side} of @param {Plan} plan */
  const measureOnce = async (of, plan) => {
    const running = await of.startPlain(workload, plan);
    try {
      const steps = await warmUp(running);
      await turn(running, steps);
      return { peak: (await running.peak()) / 1e6, version: running.about.version };
    } finally {
      await running.stop();
    }
  };
  return {
    name,
    summary: `peak memory of the process, ${workload.summary}, against ${side.name}`,
    measure: (plan) =>
      orReason({ name, unit, side }, async () => {
        // The first process of all measures the lowerings, which a user does once on a machine.
        await must(ours.startPlain(workload, plan)).then((tuned) => tuned.stop());
        let version = side.name;
        const pairs = await collect({ ...plan, pairs: Math.min(plan.pairs, mostMemoryPairs) }, async () => {
          const theirs = await measureOnce(side, plan);
          version = theirs.version;
          return { ours: (await must(measureOnce(ours, plan))).peak, theirs: theirs.peak };
        });
        return lineOf({ name, peer: version, unit }, pairs);
      }),
  };
}

/** The same student on labels alone stands in for a peer. @type {Side} */
const labelsAlone = {
  ...ours,
  name: 'labels alone',
  start: async (_, setting) => {
    const started = await ours.start(recordedLabels, setting);
    return { ...started, about: { ...started.about, version: 'labels alone' } };
  },
};

/** Where the sentences are, from the root of the repository. */
const sst2 = 'data/sst2/sentences_train.tsv';

/** All batches as long as the longest sentence. @type {Side} */
const longest = {
  ...ours,
  name: 'padding to the longest',
  install: 'npm run data -- sst2',
  start: async (workload, setting) => {
    if (!existsSync(new URL(`../${sst2}`, import.meta.url))) throw new MissingError(`there is no ${sst2}`);
    const started = await ours.start({ ...workload, buckets: 1 }, setting);
    return { ...started, about: { ...started.about, version: 'padding to the longest' } };
  },
};

/** @param {Workload} workload */
const againstTorch = (workload) => [
  stepTime(workload, torch, `${workload.name}-step`),
  engineShare(workload),
  peakMemory(workload, torch, `${workload.name}-memory`),
];

/** @type {readonly Comparison[]} */
export const comparisons = [
  ...workloads.flatMap((workload) => [
    ...againstTorch(workload),
    stepTime(workload, tfjsWasm, `${workload.name}-step-tfjs-wasm`),
    stepTime(workload, tfjsCpu, `${workload.name}-step-tfjs-cpu`),
  ]),
  ...textWorkloads.flatMap(againstTorch),
  stepTime(dataFree, torch, 'data-free-step'),
  stepTime(sentences, longest, 'text-buckets', longTurnMilliseconds),
  ...costs.map((workload) => stepTime(workload, labelsAlone, `cost-${workload.name}`)),
];
