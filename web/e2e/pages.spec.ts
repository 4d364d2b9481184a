import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { ADMIN, STUDENT, TEACHER, signIn } from './people';

// SCREENSHOTS=1 also takes each page's picture: phone and desk, light and dark.
const pictures = process.env.SCREENSHOTS ? (process.env.SCREENSHOTS_DIR ?? 'test-results/screenshots') : null;
const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } };

/** Nothing serious on the page, in both colour schemes and sizes. */
async function check(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${size}-${scheme}.png` });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect.soft(overflow, `${name} is wider than the screen (${size})`).toBeLessThanOrEqual(0);
    }
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
    expect
      .soft(
        serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' | ')}`),
        `${name} ${scheme}`,
      )
      .toEqual([]);
  }
}

async function visit(page: Page, places: [string, string][]): Promise<void> {
  for (const [name, path] of places) {
    await page.goto(path);
    await check(page, name);
  }
}

const firstLink = async (page: Page, selector: string) =>
  (await page.locator(selector).first().getAttribute('href')) ?? '';

test('strangers', async ({ page }) => {
  await visit(page, [
    ['sign-in', '/sign-in'],
    ['register', '/register'],
    ['password-reset', '/password-reset'],
    ['invitation', '/invitation#token'],
  ]);
});

test('student', async ({ page }) => {
  await signIn(page, STUDENT);
  const classroom = await firstLink(page, 'main a[href^="/classrooms/"]');
  await page.goto(classroom);
  const assignment = await firstLink(page, 'main a[href^="/assignments/"]');
  await visit(page, [
    ['student-assignment', assignment],
    ['student-home', '/'],
    ['student-classrooms', '/classrooms'],
    ['student-track', classroom],
    ['student-people', `${classroom}/people`],
    ['student-classroom-performance', `${classroom}/performance`],
    ['student-performance', '/performance'],
    ['student-join', '/join'],
    ['profile', '/profile'],
    ['not-found', '/nowhere'],
  ]);
});

test('teacher', async ({ page }) => {
  await signIn(page, TEACHER);
  const classroom = await firstLink(page, 'main a[href^="/classrooms/"]');
  await page.goto(classroom);
  const assignment = await firstLink(page, 'main a[href^="/assignments/"]');
  await visit(page, [
    ['teacher-assignment', assignment],
    ['teacher-home', '/'],
    ['teacher-track', classroom],
    ['teacher-people', `${classroom}/people`],
    ['teacher-classroom-performance', `${classroom}/performance`],
    ['teacher-classroom-settings', `${classroom}/settings`],
    ['teacher-new-assignment', `${classroom}/assignments/new`],
    ['teacher-edit-assignment', `${assignment}/edit`],
    ['teacher-performance', '/performance'],
  ]);
});

test('admin', async ({ page }) => {
  await signIn(page, ADMIN);
  await visit(page, [
    ['admin-home', '/'],
    ['admin-people', '/people'],
    ['admin-import', '/people/import'],
    ['admin-classrooms', '/classrooms'],
    ['admin-teachers', '/teachers'],
    ['admin-audit-log', '/audit-log'],
    ['admin-school', '/school'],
  ]);
});
