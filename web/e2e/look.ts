import { type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { expect } from './people';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

/** To another page as a link would go: without loading the app anew. */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, path);
  await settled(page, path);
}

/** That very page is shown, not the one before it, with all it waits for. */
async function settled(page: Page, path: string): Promise<void> {
  await expect(page.locator(`main[data-page="${path}"]`)).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.locator('[aria-busy=true], .mantine-Loader-root, .mantine-Skeleton-root')).toHaveCount(0);
}

/** What moves has come to rest: colours half way from one to the other are neither. */
async function still(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((one) => one.playState !== 'running' || one.effect?.getComputedTiming().endTime === Infinity),
  );
}

async function scheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
  await still(page);
}

/** Nothing serious by axe, in the light and, for its contrasts, in the dark; nothing wider than a phone. */
export async function check(page: Page, path: string): Promise<void> {
  await still(page);
  await grave(page, path);
  await scheme(page, 'dark');
  await grave(page, `${path} in the dark`, { runOnly: ['color-contrast'] });
  await page.setViewportSize(PHONE);
  const wider = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await expect
    .configure({ soft: true })
    .poll(wider, { message: `${path} is wider than a phone` })
    .toBeLessThanOrEqual(0);
  await page.setViewportSize(DESK);
  await scheme(page, 'light');
}

/** axe is brought into a page once and asked for what is wrong alone: its own runner does more and takes twice as long. */
async function grave(page: Page, where: string, options: RunOptions = {}): Promise<void> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (asked) =>
      (window as unknown as { axe: { run: (at: Document, asked: RunOptions) => Promise<AxeResults> } }).axe.run(
        document,
        { ...asked, resultTypes: ['violations'] },
      ),
    options,
  );
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`));
  expect.soft(serious, where).toEqual([]);
}
