/** One thing that is wrong with a recipe. */
export interface RecipeIssue {
  /** Where in the recipe, e.g. `training.optimizer.learningRate`; empty for the recipe as a whole. */
  readonly path: string;
  /** What was found, what was expected and what to do. */
  readonly message: string;
}

/** A recipe that cannot be run, with every problem at once. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError';
  readonly fault = 'user';
  readonly issues: readonly RecipeIssue[];
  constructor(issues: readonly RecipeIssue[], where = 'recipe') {
    super(issues.map(({ path, message }) => `${where}${path && `: ${path}`}: ${message}`).join('\n'));
    this.issues = issues;
  }
}
