// @ts-check
// The thread that owns ONNX Runtime: `run()` blocks the thread it is called on, so it is not the main one.
// Plain JavaScript, so that it starts from the sources and from the build alike.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, parentPort } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** @typedef {{ dtype: string, shape: number[], data: any }} Plain */
/** @typedef {{ session: InferenceSession, links: { input: string, output: string }[], state: Record<string, Tensor> }} Held */

/** @type {Map<number, Held>} */
const held = new Map();
let next = 1;

/** @param {Plain} t */
const toOrt = ({ dtype, shape, data }) => new Tensor(/** @type {any} */ (dtype), data, shape);

/** @param {Tensor} t @returns {Plain} */
const fromOrt = (t) => ({ dtype: t.type, shape: [...t.dims], data: t.data });

/** @param {Record<string, Plain>} plain */
const allToOrt = (plain) => Object.fromEntries(Object.entries(plain).map(([name, t]) => [name, toOrt(t)]));

/** @param {readonly any[]} metadata */
const ports = (metadata) =>
  metadata.map((m) => ({
    name: m.name,
    dtype: m.isTensor ? m.type : 'string',
    shape: m.isTensor ? m.shape.map((/** @type {any} */ d, /** @type {number} */ i) => (d === '' ? `?${i}` : d)) : [],
  }));

/** @param {number} id */
const get = (id) => {
  const found = held.get(id);
  if (!found) throw new Error('internal: the session was released');
  return found;
};

// What is posted into a closed channel is moved there and dropped at once: memory is free without waiting for garbage collection,
// which would let several generations of a large state pile up.
const { port1: nowhere, port2 } = new MessageChannel();
port2.close();

/** @param {readonly Tensor[]} tensors */
const drop = (tensors) => {
  const buffers = tensors
    .map((t) => /** @type {any} */ (t.data).buffer)
    .filter((b) => b instanceof ArrayBuffer && b.byteLength > 0);
  nowhere.postMessage(null, [...new Set(buffers)]);
};

/** What of a state a graph takes: several may share one. @param {InferenceSession} session @param {Record<string, Tensor>} state */
const known = (session, state) => Object.fromEntries(Object.entries(state).filter(([name]) => session.inputNames.includes(name)));

const methods = {
  /** @param {{ model: Uint8Array | { path: string }, options: any, links: Held['links'], state: Record<string, Plain> | { of: number } }} request */
  async open({ model, options, links, state }) {
    const session = await (model instanceof Uint8Array
      ? InferenceSession.create(model, options)
      : InferenceSession.create(model.path, options));
    const id = next++;
    held.set(id, {
      session,
      links,
      state: typeof state.of === 'number' ? get(state.of).state : allToOrt(/** @type {any} */ (state)),
    });
    return { id, inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) };
  },
  /** The engine writes what it made of a model to a file only. @param {{ model: Uint8Array | { path: string }, options: any }} request */
  async optimised({ model, options }) {
    const folder = mkdtempSync(join(tmpdir(), 'potstill-optimised-'));
    try {
      const optimizedModelFilePath = join(folder, 'model.onnx');
      const asked = { ...options, optimizedModelFilePath };
      const session = await (model instanceof Uint8Array
        ? InferenceSession.create(model, asked)
        : InferenceSession.create(model.path, asked));
      await session.release();
      return new Uint8Array(readFileSync(optimizedModelFilePath));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  /** @param {{ id: number, feeds: Record<string, Plain>, fetch?: string[] }} request */
  async run({ id, feeds, fetch }) {
    const { session, links, state } = get(id);
    const inputs = { ...known(session, state), ...allToOrt(feeds) };
    const linked = new Set(links.map((l) => l.output));
    const wanted = fetch ? [...fetch, ...linked] : undefined;
    const outputs = wanted ? await session.run(inputs, wanted) : await session.run(inputs);
    const before = links.map(({ input }) => /** @type {Tensor} */ (state[input]));
    for (const { input, output } of links) state[input] = /** @type {Tensor} */ (outputs[output]);
    drop(before);
    return Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => !linked.has(name) || fetch?.includes(name))
        .map(([name, t]) => [name, fromOrt(t)]),
    );
  },
  /** @param {{ id: number, feeds: Record<string, Plain>, times: number }} request */
  async time({ id, feeds, times }) {
    const { session, state } = get(id);
    const inputs = { ...known(session, state), ...allToOrt(feeds) };
    const taken = [];
    for (let i = 0; i < times; i++) {
      const start = process.hrtime.bigint();
      await session.run(inputs);
      taken.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    return taken;
  },
  /** @param {{ id: number }} request */
  readState: ({ id }) =>
    Object.fromEntries(
      Object.entries(get(id).state).map(([name, t]) => {
        const { dtype, shape, data } = fromOrt(t);
        return [name, { dtype, shape, data: data.slice() }];
      }),
    ),
  /** @param {{ id: number, state: Record<string, Plain> }} request */
  writeState: ({ id, state }) => void Object.assign(get(id).state, allToOrt(state)),
  /** @param {{ id: number }} request */
  async release({ id }) {
    const { session } = get(id);
    held.delete(id);
    await session.release();
  },
};

/** Buffers of a message that can be moved instead of copied. @param {unknown} value @param {Set<ArrayBuffer>} into */
const buffersOf = (value, into = new Set()) => {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength) into.add(value.buffer);
  } else if (value && typeof value === 'object') {
    for (const v of Object.values(value)) buffersOf(v, into);
  }
  return into;
};

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
port.on('message', async ({ call, method, args }) => {
  try {
    const result = await methods[/** @type {keyof typeof methods} */ (method)](args);
    // The buffers that came in go back with the answer, so that the caller can fill them again.
    const returned = method === 'run' ? args.feeds : undefined;
    const kept = new Set(
      method === 'run' ? Object.values(get(args.id).state).map((t) => /** @type {any} */ (t.data).buffer) : [],
    );
    const moved = [...buffersOf(result), ...buffersOf(returned)].filter((b) => !kept.has(b));
    port.postMessage({ call, result, returned }, moved);
  } catch (error) {
    port.postMessage({ call, error: error instanceof Error ? error.message : String(error) });
  }
});

// Says that the native library is loaded.
port.postMessage({ call: 0 });
