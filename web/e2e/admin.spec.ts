import { ADMIN, expect, test } from './people';

test('an admin invites, rehearses an import, and looks at the teachers', async ({ as }) => {
  const page = await as(ADMIN);
  await page.goto('/');
  await page
    .getByRole('main')
    .getByRole('link', { name: /Invite somebody/ })
    .click();
  const email = `guest-${Date.now().toString(36)}@demo.example`;
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('E-mail address').fill(email);
  await dialog.getByLabel('Name').fill('Guest Teacher');
  await dialog.getByRole('button', { name: 'Send the invitation' }).click();
  await expect(page.getByText(`The invitation to ${email} is on its way`)).toBeVisible();
  await page.getByRole('tab', { name: 'Invitations' }).click();
  const invited = page.getByRole('row', { name: email });
  await invited.getByRole('button', { name: 'Revoke' }).click();
  await expect(invited.getByText('Revoked')).toBeVisible();

  await page.getByRole('link', { name: 'Import a roster' }).click();
  await page.locator('input[type=file]').setInputFiles('e2e/roster.zip');
  await page.getByRole('button', { name: 'Rehearse', exact: true }).click();
  await expect(page.getByText(/^Rehearsed/)).toHaveCount(2);
  await expect(page.getByText('kofi.mensah@demo.example')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Import now', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'People', exact: true }).first().click();
  await page.getByPlaceholder('Search by name or e-mail').fill('Kofi');
  await expect(page.getByText('Nobody found')).toBeVisible();

  await page.getByRole('link', { name: 'Teachers', exact: true }).click();
  await page.getByRole('link', { name: 'Amara Okafor' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Amara Okafor' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Mathematics 7a' })).toBeVisible();

  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('cell', { name: 'Invited invitation.sent' }).first()).toBeVisible();
});
