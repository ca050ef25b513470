// Packs the built package, installs it in an empty folder as a user would, imports every public face and runs the command.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, version, exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function must(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 240_000 });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: exit status ${status}\n${stdout}${stderr}${error ?? ''}`);
}

const folder = mkdtempSync(join(tmpdir(), 'potstill-install-'));
try {
  must(root, 'npm', 'pack', '--silent', '--pack-destination', folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  must(folder, 'npm', 'install', ...flags, join(folder, `${name}-${version}.tgz`));

  const faces = Object.keys(exports).filter((path) => exports[path].endsWith('.js'));
  const empty = faces.map((path) => {
    const specifier = name + path.slice(1);
    const program = `const face = await import('${specifier}'); if (Object.keys(face).length === 0) throw new Error('no exports');`;
    return must(folder, process.execPath, '--input-type=module', '-e', program);
  });
  if (empty.join('') !== '') throw new Error(`importing the package printed: ${empty.join('')}`);

  for (const command of Object.keys(bin)) {
    const help = must(folder, join(folder, 'node_modules', '.bin', command), '--help');
    if (!help.includes(command)) throw new Error(`${command} --help says nothing of ${command}:\n${help}`);
  }
  console.log(`installed from its tarball: ${faces.length} public faces import, ${Object.keys(bin).join(', ')} --help answers`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
