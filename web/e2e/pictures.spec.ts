import { type Page } from '@playwright/test';
import { ADMIN, Caller, STUDENT, TEACHER, expect, test } from './people';

// The pictures of docs/tour.md: `npm run pictures`, against a stack with a fresh demo school.
const FOLDER = '../docs/tour';
const DESK = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 760 };

interface Shown {
  classrooms: { classroom: { id: string; title: string }; assignments: { id: string; title: string }[] }[];
}

async function mathematics(email: string) {
  const shown = await (await Caller.signIn(email)).call<Shown>('GET', '/bootstrap');
  const view = shown.classrooms.find(({ classroom }) => classroom.title === 'Mathematics 7a')!;
  const of = (title: string) => view.assignments.find((one) => one.title === title)!.id;
  return { classroom: `/classrooms/${view.classroom.id}`, of };
}

async function take(page: Page, name: string, path: string, size = DESK): Promise<void> {
  await page.setViewportSize(size);
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.locator('[aria-busy=true], .mantine-Loader-root, .mantine-Skeleton-root')).toHaveCount(0);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: `${FOLDER}/${name}.jpg`, type: 'jpeg', quality: 72 });
}

test('what a student sees', async ({ as }) => {
  const { classroom, of } = await mathematics(STUDENT);
  const page = await as(STUDENT);
  await take(page, 'student-home', '/');
  await take(page, 'student-track', classroom);
  await take(page, 'student-review', `/quizzes/${of('Check-up: angles')}`);
  await take(page, 'student-progress', `${classroom}/performance`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'student-phone', classroom, PHONE);
});

test('what a teacher sees', async ({ as }) => {
  const { classroom, of } = await mathematics(TEACHER);
  const page = await as(TEACHER);
  await take(page, 'teacher-inbox', `/assignments/${of('Angles around you')}/submissions`);
  await take(page, 'teacher-gradebook', `${classroom}/gradebook`);
  await take(page, 'teacher-console', `/quizzes/${of('Quiz 3')}`);
  await take(page, 'teacher-statistics', `/quizzes/${of('Check-up: angles')}/statistics`);
  await take(page, 'teacher-performance', `${classroom}/performance`);
});

test('what an admin sees', async ({ as }) => {
  const page = await as(ADMIN);
  await take(page, 'admin-people', '/people');
  await take(page, 'admin-import', '/people/import');
  await take(page, 'admin-teachers', '/teachers');
});
