import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderExplanation } from '../../src/report/explain/render.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import { renderReport } from '../../src/report/render.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { explanation } from '../explain/fixture.ts';
import { pictureUri } from './picture.ts';
import { hostileGalleries, madeUp, pictures, texts, values } from './program-record.ts';
import { attack, cifar, classification, hostile, minimal, regression } from './records.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const many = (): RunRecord => classification({ classes: Array.from({ length: 100 }, (_, i) => `class number ${i}`) });
const records: Readonly<Record<string, () => RunRecord>> = { classification, regression, minimal, hostile, many };
const sheet = pictureUri(24, (x, y) => [10 * x, 10 * y, 90]);
const sheets = Object.fromEntries(cifar.map((_, k) => [`gallery/by-class/${k}.png`, sheet]));
const pages: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(records).map(([name, build]) => [name, () => renderReport(build())])),
  gallery: () => renderProgram(madeUp([pictures, values, texts]), 'name: made-up\n', sheets),
  'hostile gallery': () => renderProgram(madeUp(hostileGalleries, attack), attack, { 'gallery/elsewhere.png': sheet }),
  explanation: () => renderExplanation(explanation(cifar)),
  'hostile explanation': () => renderExplanation(explanation([attack, 'x'.repeat(400), ...cifar], attack)),
};
const screens = [
  { width: 360, height: 800 },
  { width: 1280, height: 900 },
];

const papers = { light: 'rgb(255, 255, 255)', dark: 'rgb(15, 18, 21)' } as const;
// As text, since the checker of this file knows no browser.
const measure = '[document.documentElement.scrollWidth - innerWidth, getComputedStyle(document.body).backgroundColor]';

describe.skipIf(missing)(
  `report in a browser${missing ? ` (skipped: no ${executablePath}; apt-get install chromium)` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'potstill-report-'));
    let browser: Browser;

    beforeAll(async () => {
      for (const [name, render] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), render());
      browser = await chromium.launch({ executablePath, args });
    }, 30_000);

    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function open(name: string, options: Parameters<Browser['newPage']>[0]): Promise<{ page: Page; problems: string[] }> {
      const page = await browser.newPage(options);
      const problems: string[] = [];
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('dialog', (dialog) => problems.push(dialog.message()));
      page.on('requestfailed', (request) => problems.push(request.url()));
      page.on('request', (request) => /^(file|data):/.test(request.url()) || problems.push(request.url()));
      await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
      return { page, problems };
    }

    it.each(Object.keys(pages))('%s fits a phone and a desk, light and dark, and asks for nothing', async (name) => {
      const { page, problems } = await open(name, {});
      for (const viewport of screens) {
        await page.setViewportSize(viewport);
        for (const [colorScheme, paper] of Object.entries(papers)) {
          await page.emulateMedia({ colorScheme: colorScheme as keyof typeof papers });
          const [beyond, background] = await page.evaluate<[number, string]>(measure);
          expect(beyond, `wider than ${viewport.width}`).toBeLessThanOrEqual(0);
          expect(background).toBe(paper);
        }
      }
      expect(problems).toEqual([]);
      await page.close();
    });

    it('switches between confusion matrices without a script', async () => {
      const { page } = await open('classification', { viewport: screens[1]!, javaScriptEnabled: false });
      const panel = (i: number): Promise<boolean> => page.locator('#confusion .panel').nth(i).isVisible();
      expect([await panel(0), await panel(1)]).toEqual([true, false]);
      await page.locator('#confusion label').nth(1).click();
      expect([await panel(0), await panel(1)]).toEqual([false, true]);
      await page.close();
    });
  },
);
