import { expect, type Page } from '@playwright/test';

/** The demo school's people, as `make up` prints them. */
export const PASSWORD = process.env.HOMEROOM_DEMO_PASSWORD ?? 'homeroom-demo-2026';
export const ADMIN = 'admin@demo.example';
export const TEACHER = 'amara.okafor@demo.example';
export const STUDENT = 'noa.peretz@demo.example';

export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /Hello/ })).toBeVisible();
}
