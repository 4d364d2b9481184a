import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { ADMIN, Caller, STUDENT, TEACHER, complaints, expect, test } from './people';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };

interface Shown {
  classrooms: {
    classroom: { id: string; title: string };
    topics: { id: string }[];
    assignments: { id: string; kind: string; title: string }[];
  }[];
}

/** Where the demo's mathematics are: of each kind of work the newest. */
async function mathematics(email: string) {
  const shown = await (await Caller.signIn(email)).call<Shown>('GET', '/bootstrap');
  const view = shown.classrooms.find(({ classroom }) => classroom.title === 'Mathematics 7a')!;
  const of = (title: string) => view.assignments.find((one) => one.title === title)!.id;
  return { classroom: `/classrooms/${view.classroom.id}`, of, topic: view.topics.at(-1)!.id };
}

/** To another page as a link would go: without loading the app anew. */
async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.history.pushState(null, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.locator('[aria-busy=true], .mantine-Loader-root, .mantine-Skeleton-root')).toHaveCount(0);
}

/** Nothing serious by axe, in the light and, for its contrasts, in the dark; nothing wider than a phone. */
async function check(page: Page, path: string): Promise<void> {
  await settled(page);
  await grave(page, path, (axe) => axe);
  await page.emulateMedia({ colorScheme: 'dark' });
  await grave(page, `${path} in the dark`, (axe) => axe.withRules(['color-contrast']));
  await page.setViewportSize(PHONE);
  const wider = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await expect
    .configure({ soft: true })
    .poll(wider, { message: `${path} is wider than a phone`, timeout: 2000 })
    .toBeLessThanOrEqual(0);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(DESK);
}

async function grave(page: Page, where: string, rules: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  const { violations } = await rules(new AxeBuilder({ page })).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`));
  expect.soft(serious, where).toEqual([]);
}

async function walk(page: Page, paths: string[]): Promise<void> {
  // Nobody has asked for an export of their data: the service says so by 404.
  const wrong = complaints(page, /\/api\/auth\/me\/export|profile Failed to load resource/);
  await page.setViewportSize(DESK);
  await page.goto(paths[0]!);
  for (const path of paths) {
    await go(page, path);
    await check(page, path);
  }
  expect(wrong, 'nothing is said in the console and no request fails').toEqual([]);
}

test('what strangers see', async ({ page }) => {
  await walk(page, ['/sign-in', '/register', '/password-reset']);
});

test('what a student sees', async ({ as }) => {
  const { classroom, of } = await mathematics(STUDENT);
  await walk(await as(STUDENT), [
    '/',
    '/classrooms',
    classroom,
    `${classroom}/people`,
    `${classroom}/performance`,
    '/performance',
    `/assignments/${of('Angles around you')}`,
    `/assignments/${of('Reading list')}`,
    `/lectures/${of('Angles at parallel lines')}`,
    `/quizzes/${of('Check-up: angles')}`,
    `/quizzes/${of('Quiz 3')}`,
    '/join',
    '/profile',
    '/nowhere',
  ]);
});

test('what a teacher sees of a classroom', async ({ as }) => {
  const { classroom, of } = await mathematics(TEACHER);
  await walk(await as(TEACHER), [
    '/',
    classroom,
    `${classroom}/people`,
    `${classroom}/performance`,
    `${classroom}/settings`,
    `${classroom}/gradebook`,
    `${classroom}/gradebook/policy`,
    '/performance',
    `/lectures/${of('Angles at parallel lines')}`,
    `/assignments/${of('Poster')}`,
  ]);
});

test('what a teacher sees of work', async ({ as }) => {
  const { classroom, of } = await mathematics(TEACHER);
  const [homework, quiz, open] = [of('Angles around you'), of('Check-up: angles'), of('Quiz 3')];
  await walk(await as(TEACHER), [
    `${classroom}/assignments/new`,
    `/assignments/${homework}`,
    `/assignments/${homework}/edit`,
    `/assignments/${homework}/submissions`,
    `/quizzes/${open}`,
    `/quizzes/${open}/edit`,
    `/quizzes/${open}/marking`,
    `/quizzes/${quiz}/statistics`,
  ]);
});

test('what an admin sees', async ({ as }) => {
  await walk(await as(ADMIN), [
    '/',
    '/people',
    '/people/import',
    '/classrooms',
    '/teachers',
    '/audit-log',
    '/school',
    '/profile',
  ]);
});
