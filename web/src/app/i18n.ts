/** All text lives in src/messages/<language>/<namespace>.json; English is shipped. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

const files = import.meta.glob<Record<string, unknown>>('../messages/en/*.json', { eager: true, import: 'default' });
const namespace = (file: string) => file.replace(/^.*\/(.+)\.json$/, '$1');

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  defaultNS: 'common',
  resources: { en: Object.fromEntries(Object.entries(files).map(([file, messages]) => [namespace(file), messages])) },
  interpolation: { escapeValue: false },
  returnNull: false,
});

export default i18next;
