import { STUDENT, TEACHER, expect, test } from './people';

test('a gradebook is printed whole, without what leads elsewhere', async ({ as, room }) => {
  const own = await room('Paper', [STUDENT]);
  const titles = Array.from({ length: 14 }, (_, number) => `Work ${number + 1}`);
  for (const title of titles) await own.assignment('homework', title, { points_possible: '10' });
  const page = await as(TEACHER);
  await page.goto(`${own.path}/gradebook`);
  await expect(page.getByRole('columnheader', { name: /Work 1\b/ })).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  const grid = page.getByRole('grid');
  for (const title of titles)
    await expect(grid.getByRole('columnheader', { name: new RegExp(`${title}\\b`) })).toBeVisible();
  expect(await grid.evaluate((frame) => getComputedStyle(frame).overflow)).toBe('visible');
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await expect(page.getByRole('banner')).toBeHidden();
});
