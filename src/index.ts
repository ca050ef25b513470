// The table of contents of the library. Graphs, operators, methods, the engine and the report also have entries of their own
// (`potstill/graph`, `potstill/ops`, `potstill/methods`, `potstill/runtime`, `potstill/report`).

// Graphs, derivatives and files.
export { grad } from './autodiff/grad.ts';
// Data.
export { type Dataset, type ExampleType, floatDataset, imageDataset, plainTarget, plainVector, subset } from './data/dataset.ts';
export { DataError, type DataIssue } from './data/error.ts';
export { type HubOptions, type HubProgress, hubFromEnvironment } from './data/hub/options.ts';
export { loadModelFile } from './data/model-file.ts';
export { plainSource, type Source } from './data/source.ts';
export { openData, sources } from './data/sources.ts';
export type { Splits } from './data/split.ts';
// The whole way: a recipe in, a student and a report out.
export {
  type Distilled,
  type DistilledProgram,
  type DistillOptions,
  distill,
  distillProgram,
  runFolder,
  writeReport,
} from './distill.ts';
// What a teacher knows: pure functions of logits and labels, and the whole of it.
export {
  ambiguousOf,
  bandsOf,
  curriculumOf,
  type Difficulty,
  difficultyOf,
  hardestOf,
  suspectsOf,
} from './explain/difficulty.ts';
export { entropyOf } from './explain/entropy.ts';
export { type Explained, type ExplainOptions, explainLogits } from './explain/explain.ts';
export type { Explanation, Knowledge, SoftnessRule } from './explain/knowledge.ts';
export { neighboursOf } from './explain/neighbours.ts';
export type { Logits } from './explain/soft-targets.ts';
export { adviseTemperature, softness, usualSoftness } from './explain/temperature.ts';
// Exported students.
export type { Files, StudentFile } from './export/student-file.ts';
export { transformersFolder } from './export/transformers-folder.ts';
export { GraphError } from './graph/error.ts';
export { Graph, type Value } from './graph/graph.ts';
export type { DType, Shape, Tensor, TensorType } from './graph/type.ts';
// Losses, methods and optimizers.
export { methods } from './methods/index.ts';
// Models.
export { architectures, createModel } from './models/architectures/list.ts';
export { buildModel, initialise } from './models/build.ts';
export type { Model, ModelShape } from './models/define.ts';
export { ModelError } from './models/error.ts';
export { type ImportedModel, importModel, type ModelFile } from './models/import.ts';
export { describeInspection, type Inspection, inspect } from './models/inspect.ts';
export { readModel } from './onnx/decode.ts';
export { encode, encodeExternal } from './onnx/encode.ts';
export { OnnxError } from './onnx/error.ts';
export { createOptimizer, optimizers } from './optim/presets.ts';
// Programs: several runs in a row.
export { defineProgram, type Program, type Workshop } from './programs/define.ts';
export { programs } from './programs/list.ts';
export { type Plan, type PlanInput, parsePlan, parsePlanText, recipeJsonSchema } from './programs/parse.ts';
export type { ProgramResults } from './programs/record.ts';
// Recipes.
export { RecipeError, type RecipeIssue } from './recipe/error.ts';
export { type Override, parseOverride, parseRecipe, parseRecipeText } from './recipe/parse.ts';
export { type Recipe, type RecipeInput, recipeSchema } from './recipe/recipe.ts';
// The engine and the report.
export { renderExplanation } from './report/explain/render.ts';
export { renderProgram } from './report/program/render.ts';
export { renderReport } from './report/render.ts';
// Runs and what they leave.
export { type CollectOptions, collect } from './run/collect.ts';
export { DivergedError, MismatchError, StoppedError } from './run/error.ts';
export { type EvaluateOptions, type Evaluation, evaluateFile } from './run/evaluate-file.ts';
export type { Emit, RunEvent } from './run/events.ts';
export { type ExplainTeacherOptions, explainTeacher, type SplitName } from './run/explain-teacher.ts';
export { type Exported, type ExportOptions, exportRun } from './run/export-run.ts';
export { FileError } from './run/files.ts';
export { type MeasureOptions, measureCost, measureTimes, type Timing } from './run/measure.ts';
export { type Profile, profileModel } from './run/profile.ts';
export { readRecord, readResults } from './run/read-record.ts';
export type {
  Cost,
  Details,
  HistoryRow,
  Latency,
  Metrics,
  Results,
  Role,
  RunRecord,
  Side,
  Spread,
  Verdict,
} from './run/record.ts';
export { runRecipe } from './run/run.ts';
export { readStatistics, writeStatistics } from './run/statistics-file.ts';
export type { RunOptions } from './run/workplace.ts';
export { ortNode } from './runtime/ort-node.ts';
export { type Provider, type Runtime, RuntimeError, type RuntimeOptions } from './runtime/port.ts';
// What can be told of a teacher's data without giving any of it.
export type { LayerMoments, Metadata, Moments, PairMoments } from './synthesis/metadata/metadata.ts';
