// Runs every static check, even after one has failed; quiet about those that pass.
import { spawnSync } from 'node:child_process';

const checks = ['types', 'lint', 'layers', 'unused', 'tree'];

let failed = 0;
for (const name of checks) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', name], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status !== 0) {
    failed++;
    console.log(`${stdout}${stderr}`.trimEnd());
  }
}
process.exitCode = failed === 0 ? 0 : 1;
