import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

// The stack to walk through: what `make up` printed, with its demo school. Its certificate is this machine's own.
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export default defineConfig({
  testDir: 'e2e',
  testIgnore: process.env.SCREENSHOTS ? [] : ['pictures.spec.ts'],
  workers: 2,
  fullyParallel: true,
  timeout: 240_000,
  // What a test waits for is said exactly and comes in a moment; a busy machine may take long over it.
  expect: { timeout: 45_000 },
  reporter: 'list',
  use: {
    baseURL: process.env.HOMEROOM_URL ?? 'https://localhost:8443',
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: { executablePath: chromium, args: ['--no-sandbox'] },
  },
});
