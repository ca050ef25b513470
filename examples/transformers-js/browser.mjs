// A page with transformers.js in headless Chromium; everything it loads comes from a server on this machine.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const own = fileURLToPath(new URL('.', import.meta.url));
const library = fileURLToPath(import.meta.resolve('@huggingface/transformers'));
// What npm installed the library with lies beside it.
const modules = library.slice(0, library.lastIndexOf(`${sep}@huggingface${sep}`));

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Answers with files below some folders, and with what `made` holds. */
async function serve(folders, made) {
  const asked = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    asked.push(path);
    const [prefix, folder] = Object.entries(folders).find(([start]) => path.startsWith(start)) ?? [];
    const file = prefix && join(folder, path.slice(prefix.length));
    const found =
      made.get(path) ?? (file?.startsWith(folder) && existsSync(file) && statSync(file).isFile() && readFileSync(file));
    response.writeHead(found ? 200 : 404, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    response.end(found || '');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { asked, origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/**
 * Opens a page for the students in a folder and some examples.
 *
 * @returns `ask`: the rows of numbers, and the name of the ONNX file that was loaded for them.
 */
export async function openBrowser({ folder, examples, executablePath }) {
  if (!existsSync(executablePath)) throw new Error(`${executablePath}: no such file; name a Chromium or Chrome in CHROMIUM`);
  const packed = Array.isArray(examples) ? JSON.stringify(examples) : examples.bytes;
  const server = await serve(
    { '/models/': join(folder, sep), '/modules/': join(modules, sep), '/': own },
    new Map([['/examples', packed]]),
  );
  let browser;
  const close = async () => {
    await browser?.close();
    server.close();
  };
  try {
    browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
    const page = await browser.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.route('**', (route) => {
      const { href, origin } = new URL(route.request().url());
      if (origin === server.origin || href.startsWith('blob:')) return route.continue();
      problems.push(`${href}: not from this machine`);
      return route.abort();
    });
    await page.goto(`${server.origin}/page.html`);
    await page.waitForFunction('window.measure || document.readyState === "complete"');
    if (problems.length > 0) throw new Error(problems.join('; '));
    return {
      close,
      async ask({ examples: _, ...question }) {
        server.asked.length = 0;
        const rows = await page.evaluate((q) => window.measure(q), { ...question, shape: examples.shape });
        if (problems.length > 0) throw new Error(problems.join('; '));
        return { rows, file: basename(server.asked.find((path) => path.endsWith('.onnx')) ?? 'none') };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
