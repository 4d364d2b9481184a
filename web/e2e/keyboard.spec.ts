import { ADMIN, TEACHER, expect, test } from './people';

test('everything is reached by keyboard, and one sees where one is', async ({ as }) => {
  const page = await as(TEACHER);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const focused = page.locator(':focus');

  await page.keyboard.press('Tab');
  await expect(focused).toHaveText('Skip to the content');
  await expect(focused).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(focused).toHaveText('Open a classroom');
  expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');

  // Search: opened by its key, answers arrows and Enter, gives the focus back.
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
  await page.keyboard.type('Mathematics');
  await expect(page.getByRole('dialog').getByText('Mathematics 7a').first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Mathematics 7a' })).toBeVisible();

  // A menu, and the dialog behind it, which keeps the focus inside and gives it back.
  const actions = page.getByRole('button', { name: /^Actions for/ }).first();
  await actions.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(actions).toBeFocused();
});

test('a dialog keeps the focus and gives it back', async ({ as }) => {
  const page = await as(ADMIN);
  await page.goto('/people');
  const opener = page.getByRole('button', { name: 'Invite somebody' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  for (let step = 0; step < 8; step += 1) {
    await page.keyboard.press('Tab');
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});

test('at 200 % and on a narrow phone nothing is cut off', async ({ as }) => {
  const page = await as(TEACHER);
  // What a window of 640 pixels shows at 200 %.
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ['/', '/classrooms', '/performance', '/profile']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider, path).toBeLessThanOrEqual(0);
  }
  await page.getByRole('button', { name: 'Open the menu' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Home', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Hello/ })).toBeVisible();
});
