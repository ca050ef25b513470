/** Lists what was skipped and why: a test that did not run is not a test that passed. */
export default class SkippedReporter {
  onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const { note } = test.result() ?? {};
        console.log(`skipped: ${module.relativeModuleId} > ${test.fullName}${note ? ` (${note})` : ''}`);
      }
    }
  }
}
