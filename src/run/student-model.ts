import type { HubOptions } from '../data/hub/options.ts';
import { resolveModel } from '../data/hub/resolve.ts';
import { loadModelFile } from '../data/model-file.ts';
import { type ArchitectureOptions, createModel } from '../models/architectures/list.ts';
import type { Model, ModelShape } from '../models/define.ts';
import type { ImportedOptions } from '../models/imported-options.ts';
import { importStudent } from '../models/imported-student.ts';
import type { StudentModelOptions } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';

/** What opening a model takes besides its options. */
export interface ModelContext {
  readonly runtime: Runtime;
  /** Folder that paths start from. */
  readonly folder: string;
  readonly hub?: HubOptions | undefined;
  /** Whose model it is in messages; its options are those of `<where>.model`. `student` unless told. */
  readonly where?: string;
}

type Open<O> = (options: O, shape: ModelShape, context: ModelContext) => Promise<Model>;

/** A file whose weights are where training starts. */
const openFile: Open<ImportedOptions> = async ({ model, ...options }, shape, { runtime, folder, hub, where = 'student' }) => {
  const file = loadModelFile(await resolveModel(model, { folder, hub }, `${where}.model.model`));
  return importStudent(file, runtime, { ...options, shape, where });
};

/** Models that are more than sizes; everything else is an architecture. */
const files: Readonly<Record<string, Open<never>>> = { onnx: openFile };

/**
 * A model that is trained: an architecture of some sizes, or a file that is trained on.
 *
 * @throws ModelError if it does not fit the data, OnnxError or DataError if there is no such file.
 */
export const openModel: Open<StudentModelOptions> = (options, shape, context) =>
  (files[options.kind] ?? architecture)(options as never, shape, context);

const architecture: Open<ArchitectureOptions> = async (options, shape) => createModel(options, shape);
