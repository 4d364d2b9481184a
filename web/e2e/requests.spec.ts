import { STUDENT, expect, test } from './people';

test('one request brings all that concerns a person; moving about asks nothing', async ({ as }) => {
  const page = await as(STUDENT);
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(`${request.method()} ${pathname}`);
  });
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: /Hello/ })).toBeVisible();
  const first = ['POST /api/auth/refresh', 'GET /api/classroom/bootstrap'];
  await expect.poll(() => asked).toEqual(first);
  const menu = page.getByRole('navigation');
  await menu.getByRole('link', { name: 'Mathematics 7a' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Mathematics 7a' })).toBeVisible();
  await menu.getByRole('link', { name: 'Biology 7a' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Biology 7a' })).toBeVisible();
  await menu.getByRole('link', { name: 'Classrooms' }).click();
  await menu.getByRole('link', { name: 'Mathematics 7a' }).click();
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('Poster');
  await expect(page.getByRole('button', { name: /Poster/ }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await menu.getByRole('link', { name: 'Home', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Hello/ })).toBeVisible();
  expect(asked).toEqual(first);
});
