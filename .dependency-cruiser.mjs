// Who may import whom: an allow-list. What is not listed is an error, also for type-only imports.
// ARCHITECTURE.md shows the same table for people.

/** @typedef {{ below: string[], types?: string[], npm?: string[], node?: boolean }} Layer */

const PORT = 'runtime/port.ts';
const TYPES = 'graph/type.ts';
/** Names and units for people: a table that needs nothing. */
const METRICS = 'run/known-metrics.ts';

/**
 * `below`: folders or files under src that the layer may import; `types`: the same, type-only;
 * `npm`: packages; `node`: whether Node's own modules are allowed.
 * @type {Record<string, Layer>}
 */
const layers = {
  graph: { below: [] },
  ops: { below: ['graph'] },
  autodiff: { below: ['graph', 'ops'] },
  passes: { below: ['graph', 'ops'] },
  onnx: { below: ['graph', 'ops'], npm: ['onnx-buf', '@bufbuild/protobuf'] },
  explain: { below: [] },
  losses: { below: ['graph', 'ops'] },
  optim: { below: ['graph', 'ops'], npm: ['zod'] },
  models: { below: ['graph', 'ops', 'onnx', 'passes'], types: [PORT], npm: ['zod'] },
  methods: { below: ['graph', 'ops', 'losses', 'models'], npm: ['zod'] },
  data: {
    below: ['graph'],
    npm: ['zod', 'sharp', 'csv-parse', '@huggingface/hub', '@huggingface/tokenizers', 'hyparquet', 'hyparquet-compressors'],
    node: true,
  },
  runtime: { below: [TYPES], npm: ['onnxruntime-node'], node: true },
  teachers: { below: ['graph', 'ops', 'onnx', 'models', 'passes', PORT], types: ['data'] },
  recipe: { below: ['graph', 'methods', 'optim', 'models', 'data'], npm: ['zod', 'yaml'] },
  run: {
    below: [
      'graph',
      'ops',
      'autodiff',
      'passes',
      'onnx',
      'losses',
      'optim',
      'models',
      'methods',
      'data',
      'explain',
      'teachers',
      'synthesis',
      'recipe',
      'export',
      'quantise',
      PORT,
    ],
    npm: ['zod', 'yaml'],
    node: true,
  },
  synthesis: { below: ['graph', 'ops', 'losses', 'optim', 'models', 'methods', 'data'], npm: ['zod'] },
  programs: {
    below: [
      'graph',
      'ops',
      'autodiff',
      'onnx',
      'models',
      'methods',
      'losses',
      'optim',
      'data',
      'recipe',
      'teachers',
      'synthesis',
      'run',
      PORT,
    ],
    npm: ['zod', 'yaml'],
    node: true,
  },
  export: { below: ['graph', 'ops', 'onnx', 'passes', 'models', PORT], npm: ['zod'] },
  quantise: { below: ['graph', 'ops', 'onnx', 'passes', PORT] },
  report: {
    below: [METRICS],
    types: ['run/record.ts', 'explain/knowledge.ts', 'programs/record.ts'],
    npm: ['@observablehq/plot', 'linkedom'],
  },
  cli: { below: [''], npm: ['cli-progress', 'zod', 'yaml'], node: true },
};

const quoted = (text) => text.replace(/[.\\/]/g, '\\$&');
const inSource = (name) => `^src/${quoted(name)}${name === '' || name.endsWith('.ts') ? '' : '/'}`;
const inPackage = (name) => `(^|/)node_modules/${quoted(name)}/`;
const test = '\\.test\\.ts$';

const rulesOf = ([name, { below, types = [], npm = [], node = false }]) => {
  const from = { path: inSource(name), pathNot: test };
  return [
    { from, to: { path: [name, ...below].map(inSource), pathNot: test } },
    ...(types.length > 0 ? [{ from, to: { path: types.map(inSource), dependencyTypes: ['type-only'] } }] : []),
    ...(npm.length > 0 ? [{ from, to: { path: npm.map(inPackage), dependencyTypes: ['npm'] } }] : []),
    ...(node ? [{ from, to: { dependencyTypes: ['core'] } }] : []),
  ];
};

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' }, to: {} },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  allowedSeverity: 'error',
  allowed: [
    ...Object.entries(layers).flatMap(rulesOf),
    // The two that put the layers together: the table of contents, and the call that does everything.
    { from: { path: '^src/(index|distill)\\.ts$' }, to: { path: '^src/', pathNot: ['^src/cli/', test] } },
    { from: { path: '^src/distill\\.ts$' }, to: { dependencyTypes: ['core'] } },
    { from: { path: test }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
