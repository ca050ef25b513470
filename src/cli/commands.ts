import type { AnyCommand } from './command.ts';

/** A command by its name; what it needs is loaded when it is called. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
  load(): Promise<AnyCommand>;
}

/** Every command, in the order of the help. */
export const commands: readonly Listed[] = [
  {
    name: 'demo',
    summary: 'See the whole way on built-in data: teacher, student, report',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    name: 'run',
    summary: 'Distil as a recipe says, and measure whether it helped',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'inspect',
    summary: 'Show what an ONNX model is made of and where it can be tapped',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    name: 'evaluate',
    summary: 'Measure a model on the test split of a recipe',
    load: async () => (await import('./commands/evaluate.ts')).evaluate,
  },
  {
    name: 'explain',
    summary: 'Show what the soft targets of a teacher hold, and the temperature to start from',
    load: async () => (await import('./commands/explain.ts')).explainTargets,
  },
  {
    name: 'collect',
    summary: 'Record statistics of a teacher on its data, for those who must do without the data',
    load: async () => (await import('./commands/collect.ts')).collectStatistics,
  },
  {
    name: 'sample',
    summary: 'Have a language model write texts to distil on',
    load: async () => (await import('./commands/sample.ts')).sample,
  },
  {
    name: 'profile',
    summary: 'Measure latency, throughput, memory and size of an ONNX model',
    load: async () => (await import('./commands/profile.ts')).profile,
  },
  {
    name: 'report',
    summary: 'Write report.html of a run again',
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'export',
    summary: 'Copy the student of a run to where it is served from',
    load: async () => (await import('./commands/export.ts')).exportStudent,
  },
  {
    name: 'methods',
    summary: 'List what a recipe can name: methods, models, optimizers, data, augmentations',
    load: async () => (await import('./commands/methods.ts')).methods,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of recipes, for completion in editors',
    load: async () => (await import('./commands/schema.ts')).schema,
  },
];
