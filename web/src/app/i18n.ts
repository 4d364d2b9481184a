/** All text lives in src/messages/<language>/<namespace>.json; English is shipped. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import common from '../messages/en/common.json';

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  defaultNS: 'common',
  resources: { en: { common } },
  interpolation: { escapeValue: false },
  returnNull: false,
});

const namespace = (file: string) => file.replace(/^.*\/(.+)\.json$/, '$1');

async function load(): Promise<void> {
  const { default: files } = await import('../messages/en');
  for (const [file, messages] of Object.entries(files)) i18next.addResourceBundle('en', namespace(file), messages);
}

let loading: Promise<void> | null = null;

/** The text of all pages: asked for beside the first of them, so that the frame does not wait for it. */
export const messages = (): Promise<void> =>
  (loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  }));
