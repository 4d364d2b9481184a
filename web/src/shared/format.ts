/** Times, numbers and files as people read them, in the browser's language and the person's time zone. */
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);

const ZONE_KEY = 'homeroom.time-zone';

/** The person's time zone: what they chose in their profile, else the browser's. */
export const timeZone = (): string =>
  localStorage.getItem(ZONE_KEY) || Intl.DateTimeFormat().resolvedOptions().timeZone;

export function chooseTimeZone(zone: string | null): void {
  if (zone) localStorage.setItem(ZONE_KEY, zone);
  else localStorage.removeItem(ZONE_KEY);
}

const format = (options: Intl.DateTimeFormatOptions) => (at: string | number | Date) =>
  new Intl.DateTimeFormat(undefined, { ...options, timeZone: timeZone() }).format(new Date(at));

export const dateTime = format({
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
export const fullDateTime = format({ dateStyle: 'medium', timeStyle: 'short' });
export const shortDate = format({ day: 'numeric', month: 'short' });
export const timeOfDay = format({ hour: 'numeric', minute: '2-digit' });

/** A month of the API, `2026-10`. */
export const monthOf = (month: string): string =>
  new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEAR = 6 * HOUR;

/** The day of an instant in the person's zone, counted. */
const dayOf = (at: string | number) => Date.parse(dayjs(at).tz(timeZone()).format('YYYY-MM-DD')) / DAY;

/** “in 2 hours”, “tomorrow”, “3 days ago”: other days are counted by the calendar of the person's zone. */
export function fromNow(at: string, now = Date.now()): string {
  const left = Date.parse(at) - now;
  const days = dayOf(at) - dayOf(now);
  const distance = Math.abs(days);
  if (days === 0 || Math.abs(left) < NEAR) return withinDay(left);
  if (distance < 14) return relative.format(days, 'day');
  if (distance < 60) return relative.format(Math.trunc(days / 7), 'week');
  if (distance < 365) return relative.format(Math.trunc(days / 30.44), 'month');
  return relative.format(Math.trunc(days / 365.25), 'year');
}

function withinDay(left: number): string {
  const minutes = Math.round(left / 60_000);
  return Math.abs(minutes) < 60 ? relative.format(minutes, 'minute') : relative.format(Math.trunc(left / HOUR), 'hour');
}

export const isPast = (at: string): boolean => dayjs(at).isBefore(dayjs());

/** The server's instant as the wall clock of the person's zone, `2026-11-24 09:30`, for date pickers; and back. */
export const toWallClock = (at: string | null): string | null =>
  at ? dayjs(at).tz(timeZone()).format('YYYY-MM-DD HH:mm:ss') : null;
export const fromWallClock = (wall: string | null): string | null =>
  wall ? dayjs.tz(wall, timeZone()).toISOString() : null;

/** What a day that is chosen means until a time is typed: when something begins, and when it ends. */
export const MORNING = '08:00';
export const END_OF_DAY = '23:59';

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A decimal of the API (a string) as a number people read; an en dash for none. */
export const decimal = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? '–' : number.format(Number(value));

export const percent = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${number.format(Number(value))} %`;

export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word[0]!.toLocaleUpperCase())
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join('');

const BYTES = ['B', 'KB', 'MB', 'GB'];

export function fileSize(bytes: number): string {
  const step = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)), BYTES.length - 1);
  return `${number.format(bytes / 1024 ** step)} ${BYTES[step]}`;
}
