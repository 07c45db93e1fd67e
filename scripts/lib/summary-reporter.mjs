/** Says which tests were skipped and which passed only when tried again, and closes with the sum over all suites on a line of its own. */
export class SummaryReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const skipped = [];
    const flaky = [];
    for (const module of modules) {
      // A file that fails before its tests are known has none to count; it is a failure all the same.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state in count) count[state] += 1;
        if (state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0)
          flaky.push(`${test.module.relativeModuleId} > ${test.fullName}`);
        if (state === 'skipped')
          skipped.push(`${test.module.relativeModuleId} > ${test.fullName}${note ? `: ${note}` : ''}`);
      }
    }
    count.failed += errors.length;
    if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
    if (flaky.length > 0) {
      const list = flaky.map((line) => `  ${line}`).join('\n');
      console.log(`\nPassed only when tried again, which is a defect until shown otherwise:\n${list}`);
    }
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}
