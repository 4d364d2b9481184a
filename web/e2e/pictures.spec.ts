import { type Page } from '@playwright/test';
import { ADMIN, STUDENT, TEACHER, expect, placesOf, test } from './people';

// The pictures of docs/tour.md: `npm run pictures`, against a stack with a fresh demo school.
const FOLDER = '../docs/tour';
const DESK = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 760 };

async function take(page: Page, name: string, path: string, size = DESK): Promise<void> {
  await page.setViewportSize(size);
  await page.goto(await placesOf(path));
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.locator('[aria-busy=true], .mantine-Loader-root, .mantine-Skeleton-root')).toHaveCount(0);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: `${FOLDER}/${name}.jpg`, type: 'jpeg', quality: 72 });
}

test('what a student sees', async ({ as }) => {
  const page = await as(STUDENT);
  await take(page, 'student-home', '/');
  await take(page, 'student-track', '/classrooms/{classroom}');
  await take(page, 'student-review', '/quizzes/{Check-up: angles}');
  await take(page, 'student-progress', '/classrooms/{classroom}/performance');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'student-phone', '/classrooms/{classroom}', PHONE);
});

test('what a teacher sees', async ({ as }) => {
  const page = await as(TEACHER);
  await take(page, 'teacher-inbox', '/assignments/{Angles around you}/submissions');
  await take(page, 'teacher-gradebook', '/classrooms/{classroom}/gradebook');
  await take(page, 'teacher-console', '/quizzes/{Quiz 3}');
  await take(page, 'teacher-statistics', '/quizzes/{Check-up: angles}/statistics');
  await take(page, 'teacher-performance', '/classrooms/{classroom}/performance');
});

test('what an admin sees', async ({ as }) => {
  const page = await as(ADMIN);
  await take(page, 'admin-home', '/');
  await take(page, 'admin-people', '/people');
  await take(page, 'admin-import', '/people/import');
  await take(page, 'admin-teachers', '/teachers');
});
