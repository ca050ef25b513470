import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Cell } from '../../src/programs/record.ts';
import { StoppedError } from '../../src/run/error.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { Spread } from '../../src/run/record.ts';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const recipe = {
  name: 'together',
  program: {
    kind: 'federated',
    clients: 5,
    perRound: 3,
    rounds: 2,
    alpha: 0.3,
    server: { unlabelled: 0.2, epochs: 2, batchSize: 32 },
  } as Record<string, unknown>,
  data: { kind: 'blobs', size: 500, classes: 4, features: 6, validation: 40 } as Record<string, unknown>,
  student: { model: { kind: 'mlp', hidden: [8] } } as Record<string, unknown>,
  training: { epochs: 2, batchSize: 16, optimizer: { kind: 'sgd', learningRate: 0.2, schedule: { kind: 'constant' } } },
};
const withProgram = (change: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  ...recipe,
  ...rest,
  program: { ...recipe.program, ...change },
});

const { folder, start, startProgram } = placeForRuns('federated');
/** The server's weights after two rounds, in the part of a method and seed. */
const last = 'checkpoints/round-2/server-0.safetensors';
const mean = (cell: Cell | undefined): number => (cell as Spread).mean;
const weightsAt = (path: string) => readSafetensors(readFileSync(path), path);
/** Parameters of the student: 6·8 + 8 + 8·4 + 4. */
const studentBytes = 4 * (6 * 8 + 8 + 8 * 4 + 4);
interface Kept {
  readonly down: number;
  readonly up: number;
  readonly reported: number;
  readonly late: number;
  readonly leftOut: number;
  readonly pending: readonly { readonly weights: string }[];
}
const kept = (directory: string, method: string, round: number): Kept =>
  JSON.parse(readFileSync(join(directory, `remembered/${method}-1-round-${round}.json`), 'utf8')) as Kept;

describe('federated', () => {
  it('compares FedAvg, FedProx and FedDF on the same clients, counts bytes, and delivers the last server model', async () => {
    const directory = folder();
    const { results } = await startProgram({ ...recipe, seeds: 2 }, { directory });
    expect(results.charts[0]!.series.map((s) => [s.name, s.points.length])).toEqual([
      ['FedDF', 2],
      ['FedAvg', 2],
      ['FedProx', 2],
    ]);
    const [end, rounds] = results.tables;
    expect(end!.rows.map((r) => r.name)).toEqual(['FedAvg', 'FedProx', 'FedDF']);
    for (const { cells } of end!.rows) {
      expect(mean(cells[0])).toBeGreaterThan(0.3);
      expect(cells.slice(4)).toEqual([3 * studentBytes, 3 * studentBytes, 12 * studentBytes]);
    }
    // What FedDF starts from in the first round is what FedAvg comes to.
    expect(rounds!.rows[0]!.cells[3]).toEqual(rounds!.rows[0]!.cells[0]);
    const ends = ['fedavg', 'fedprox', 'feddf'].map((m) =>
      readFileSync(join(directory, `parts/${m}/seed-1/${last}`)).toString('hex'),
    );
    expect(new Set(ends).size).toBe(3);
    expect(results.sentence).toMatch(/^After 2 rounds accuracy is .* with FedDF; .* from FedAvg.*; .* from FedProx.*\.$/);
    const chosen = JSON.parse(readFileSync(join(directory, 'remembered/server-seed.json'), 'utf8')) as number;
    expect(results.notes.join('\n')).toContain(`FedDF, seed ${chosen}) is in parts/server/student`);
    expect(readdirSync(join(directory, 'parts/server/student/onnx'))).toContain('model.onnx');
    // Only the last models stay.
    expect(readdirSync(join(directory, 'parts/feddf/seed-1/checkpoints'))).toEqual(['round-2']);
    expect(readdirSync(join(directory, 'parts/feddf/seed-1/checkpoints/round-2'))).toEqual(['server-0.safetensors']);
  });

  it('with one client, all data and one round is plain training', async () => {
    const [together, alone] = [folder(), folder()];
    const data = { ...recipe.data, validation: 0 };
    await startProgram(withProgram({ clients: 1, perRound: 1, rounds: 1, methods: ['fedavg'] }, { data }), {
      directory: together,
    });
    const { program: _, ...plain } = { ...recipe, data };
    await start(plain, { directory: alone });
    expect(weightsAt(join(together, 'parts/fedavg/seed-1/checkpoints/round-1/server-0.safetensors'))).toEqual(
      weightsAt(join(alone, 'checkpoints/distilled-1/done/weights.safetensors')),
    );
  });

  it('of one client FedDF is FedAvg: it has nothing to teach its own average; nor is anything taught at a rate of nothing', async () => {
    const [one, still] = [folder(), folder()];
    const optimizer = { kind: 'sgd', learningRate: 0.5, momentum: 0 };
    const server = { unlabelled: 0.2, epochs: 3, batchSize: 32, optimizer };
    const change = { methods: ['fedavg', 'feddf'], rounds: 1, server };
    await startProgram(withProgram({ ...change, clients: 1, perRound: 1 }), { directory: one });
    await startProgram(withProgram({ ...change, server: { ...server, optimizer: { ...optimizer, learningRate: 1e-12 } } }), {
      directory: still,
    });
    for (const directory of [one, still]) {
      const [average, distilled] = ['fedavg', 'feddf'].map((method) =>
        weightsAt(join(directory, `parts/${method}/seed-1/checkpoints/round-1/server-0.safetensors`)),
      );
      for (const [name, { data }] of Object.entries(average!)) {
        expect([...(distilled![name]!.data as Float32Array)]).toEqual(
          [...(data as Float32Array)].map((w) => expect.closeTo(w, 5)),
        );
      }
    }
  });

  it('FedProx with μ = 0 is FedAvg', async () => {
    const directory = folder();
    const { results } = await startProgram(withProgram({ methods: ['fedavg', 'fedprox'], prox: 0 }), { directory });
    expect(results.tables[0]!.rows[1]!.cells).toEqual(results.tables[0]!.rows[0]!.cells);
    expect(results.sentence).toContain('with FedProx');
    expect(results.tables[0]!.note).not.toContain('FedDF');
  });

  it('trains clients that have fewer examples than a batch', async () => {
    const training = { ...recipe.training, batchSize: 300 };
    const { results } = await startProgram(withProgram({ methods: ['fedavg'] }, { training }));
    expect(mean(results.tables[0]!.rows[0]!.cells[0])).toBeGreaterThan(0.2);
  });

  it('comes to the same weights and history when it is stopped again and again, in the middle of clients too', async () => {
    const [once, stopped] = [folder(), folder()];
    const given = withProgram({ methods: ['fedprox', 'feddf'], late: 0.5, noise: { deviation: 0.1, clip: 1 } });
    await startProgram(given, { directory: once });
    let stops = 0;
    for (let done = false; !done; ) {
      const control = new AbortController();
      let told = 0;
      const emit = (e: RunEvent): void => {
        if (e.type === 'progress' && ++told === 7) control.abort();
      };
      try {
        await startProgram(given, { directory: stopped, resume: stops > 0, signal: control.signal, emit });
        done = true;
      } catch (error) {
        if (!(error instanceof StoppedError)) throw error;
        stops++;
      }
    }
    expect(stops).toBeGreaterThan(5);
    const what = /(\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(8);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('sends logits alone where that is asked, and then starts from its own weights', async () => {
    const directory = folder();
    const { results } = await startProgram(withProgram({ methods: ['fedavg', 'feddf'], send: 'logits' }), { directory });
    // 500 examples without 75 of test and 40 of validation, a fifth of them for the server; four classes.
    const shown = Math.round(0.2 * (500 - 75 - 40));
    expect(results.tables[0]!.note).toContain(`on ${shown} examples`);
    expect(kept(directory, 'feddf', 1)).toMatchObject({ down: 3 * studentBytes, up: 3 * shown * 4 * 4 });
    expect(kept(directory, 'fedavg', 1)).toMatchObject({ down: 3 * studentBytes, up: 3 * studentBytes });
  });

  it('goes on without clients that drop out, and with what comes late a round later', async () => {
    const directory = folder();
    const given = withProgram({ methods: ['fedavg'], clients: 6, perRound: 6, rounds: 4, dropout: 0.3, late: 0.5 });
    const { results } = await startProgram(given, { directory });
    const rounds = [1, 2, 3, 4].map((r) => kept(directory, 'fedavg', r));
    expect(rounds.some(({ reported }) => reported < 6)).toBe(true);
    expect(rounds.some(({ late }) => late > 0)).toBe(true);
    let before = 0;
    for (const { down, up, reported, late, pending } of rounds) {
      expect(down).toBe(6 * studentBytes);
      expect(up).toBe((reported - late + before) * studentBytes);
      expect(pending.length).toBe(late);
      before = late;
    }
    expect(results.tables[1]!.columns.map((c) => c.title)).toContain('of them late');
  });

  it('of clients that learn nothing the server stays as it was', async () => {
    const training = { ...recipe.training, optimizer: { ...recipe.training.optimizer, learningRate: 1e-12 } };
    const [one, two] = [1, 2].map((rounds) => ({ rounds, directory: folder() }));
    const ends: Record<string, number[]>[] = [];
    for (const { rounds, directory } of [one!, two!]) {
      await startProgram(withProgram({ methods: ['fedavg'], rounds }, { training }), { directory });
      const weights = weightsAt(join(directory, `parts/fedavg/seed-1/checkpoints/round-${rounds}/server-0.safetensors`));
      ends.push(Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, [...(data as Float32Array)]])));
    }
    for (const [name, values] of Object.entries(ends[0]!))
      expect(ends[1]![name]).toEqual(values.map((w) => expect.closeTo(w, 6)));
  });

  it('where everything is late, has after two rounds what it would have had after one', async () => {
    const [late, inTime] = [folder(), folder()];
    await startProgram(withProgram({ methods: ['fedavg'], late: 0.999999 }), { directory: late });
    await startProgram(withProgram({ methods: ['fedavg'], rounds: 1 }), { directory: inTime });
    const part = 'parts/fedavg/seed-1/checkpoints';
    expect(weightsAt(join(late, part, 'round-2/server-0.safetensors'))).toEqual(
      weightsAt(join(inTime, part, 'round-1/server-0.safetensors')),
    );
  });

  it('averages unlike architectures each by itself, says that plain FedAvg cannot run, and delivers all', async () => {
    const directory = folder();
    const models = [
      { kind: 'mlp', hidden: [6, 6] },
      { kind: 'mlp', hidden: [10], norm: 'batch' },
    ];
    const given = withProgram({ methods: ['fedavg', 'feddf'], models, perRound: 5, noise: { deviation: 0.5 }, dropWorst: true });
    const { results } = await startProgram(given, { directory });
    expect(results.tables[0]!.rows.map((r) => r.name)).toEqual([
      'FedAvg, within each architecture',
      'FedDF',
      'FedAvg over all clients',
    ]);
    expect(results.tables[0]!.rows[2]!.cells[0]).toBe('cannot run');
    expect(kept(directory, 'feddf', 1).leftOut).toBeGreaterThan(0);
    expect(results.tables[2]!.rows.map((r) => r.name)).toEqual(['mlp-8', 'mlp-6-6', 'mlp-10']);
    expect(readdirSync(join(directory, 'parts')).sort()).toEqual(['fedavg', 'feddf', 'server-1', 'server-2', 'server-3']);
  });

  it('distils on noise, and on another set of the same shape', async () => {
    const noise = { noise: 60, epochs: 1, batchSize: 500 };
    const other = { data: { ...recipe.data, classes: 7, seed: 9 }, epochs: 1 };
    for (const [server, words] of [
      [noise, /on 60 examples/],
      [other, /on 385 examples/],
    ] as const) {
      const { results } = await startProgram(withProgram({ methods: ['feddf'], rounds: 1, server }));
      expect(results.tables[0]!.note).toMatch(words);
    }
    const wide = { data: { ...recipe.data, features: 7 } };
    await expect(startProgram(withProgram({ server: wide }))).rejects.toThrow(
      /program\.server\.data: found examples of vector 7; expected those of the clients, vector 6/,
    );
  });

  it('refuses what cannot be, with places', async () => {
    const refused = (change: Record<string, unknown>, words: RegExp, rest = {}) =>
      expect(() => parsePlan(withProgram(change, rest))).toThrow(words);
    refused({ perRound: 6 }, /program\.perRound: found 6, more than the 5 clients/);
    refused({ alpha: 0 }, /program\.alpha: found 0/);
    refused({ alpha: -1 }, /program\.alpha: found -1/);
    refused({ server: { epochs: 3 } }, /program\.server: found no data to distil on; expected one of unlabelled, data and noise/);
    refused({ server: { unlabelled: 0.1, noise: 5 } }, /program\.server: found unlabelled and noise; expected one/);
    refused({ dropWorst: true, send: 'logits' }, /program\.dropWorst/);
    refused({ dropWorst: true }, /program\.dropWorst: found without a validation split/, {
      data: { ...recipe.data, validation: 0 },
    });
    refused({ late: 1 }, /program\.late/);
    refused({}, /teacher: found one; expected none/, { teacher: { kind: 'onnx', model: 'x.onnx' } });
    expect(() => parsePlan(withProgram({ methods: ['fedavg'], server: { epochs: 3 } }))).not.toThrow();
    await expect(startProgram(withProgram({ server: { unlabelled: 385 } }))).rejects.toThrow(
      /program\.server\.unlabelled: found 385/,
    );
    await expect(startProgram(withProgram({ clients: 400 }))).rejects.toThrow(
      /program\.clients: found 400 for 308 training examples/,
    );
    await expect(startProgram(withProgram({}, { data: { kind: 'friedman', size: 200 } }))).rejects.toThrow(/expected classes/);
  });
});
