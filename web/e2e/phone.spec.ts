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

test('on a phone the longest names break, and nothing is wider than the phone', async ({ as, room }) => {
  const name = 'Donaudampfschifffahrt'.repeat(8);
  const own = await room(name, [STUDENT]);
  const { id } = await own.teacher.call<{ id: string }>('POST', `${own.path}/topics`, { title: name.slice(0, 120) });
  const work = await own.assignment('homework', name, { topic_id: id });
  const [teacher, student] = [await as(TEACHER), await as(STUDENT)];
  for (const [page, paths] of [
    [
      teacher,
      [own.path, '/performance', `/assignments/${work}`, `${own.path}/gradebook`, `/assignments/${work}/submissions`],
    ],
    [student, [own.path, '/performance', '/points', `/assignments/${work}`]],
  ] as const) {
    await page.setViewportSize(PHONE);
    for (const path of paths) {
      await page.goto(path);
      await expect(page.getByText('Donaudampf').first()).toBeVisible();
      const beyond = await page
        .locator('main')
        .evaluate((main) =>
          [...main.querySelectorAll('h1, h2, h3, p, .mantine-Breadcrumbs-root a')]
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth)
            .map((one) => one.outerHTML.slice(0, 200)),
        );
      expect(beyond, path).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(PHONE.width);
    }
  }
  await student.goto(own.path);
  const heading = await student.getByRole('heading', { level: 2, name: /^Donau/ }).boundingBox();
  const ring = await student.getByRole('img', { name: /Donau/ }).boundingBox();
  expect(heading!.x + heading!.width).toBeLessThanOrEqual(ring!.x);
});
