import { STUDENT, TEACHER, expect, placesOf, test } from './people';

const PHONE = { width: 390, height: 844 };

test('on a phone the open tab of a classroom is in view', async ({ as }) => {
  const page = await as(TEACHER);
  await page.setViewportSize(PHONE);
  await page.goto(await placesOf('/classrooms/{classroom}/settings'));
  const tabs = page.getByRole('navigation', { name: 'Parts of the classroom' });
  await expect(tabs.getByRole('link', { name: 'Settings' })).toBeInViewport({ ratio: 0.9 });
  await tabs.getByRole('link', { name: 'Points' }).click();
  await expect(tabs.getByRole('link', { name: 'Points' })).toBeInViewport({ ratio: 0.9 });
});

test('on a phone a student reaches what was handed in', async ({ as }) => {
  const page = await as(STUDENT);
  await page.setViewportSize(PHONE);
  await page.goto(await placesOf('/quizzes/{Check-up: angles}'));
  await expect(page.getByRole('button', { name: 'Receipt' })).toBeInViewport({ ratio: 0.9 });
  await page.getByRole('link', { name: 'Look at attempt 1' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Attempt 1' })).toBeVisible();
});
