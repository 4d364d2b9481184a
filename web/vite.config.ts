import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// `npm run dev` passes the API on to a running stack; `make up` prints its address.
const stack = process.env.HOMEROOM_URL ?? 'https://localhost:8443';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  // The gateway's content security policy lets no data: script or font in.
  build: { assetsInlineLimit: 0, target: 'es2022', manifest: true, chunkSizeWarningLimit: 800 },
  server: {
    proxy: {
      '/api': { target: stack, secure: false, ws: true, headers: { origin: stack } },
      '/blobs': { target: stack, secure: false, headers: { origin: stack } },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
