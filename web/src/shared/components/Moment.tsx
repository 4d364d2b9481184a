import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.layer.css';
import { IconCalendar } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fromWallClock, timeZone, toWallClock } from '@/shared/format';

interface Props {
  label: string;
  description?: string;
  placeholder?: string;
  /** An instant of the server; shown and chosen as the wall clock of the person's zone. */
  value: string | null;
  onChange: (at: string | null) => void;
  error?: string;
  /** The time of day of a day that is chosen, until another is typed: `HH:mm`. */
  time: string;
  /** Only times to come. */
  future?: boolean;
}

/** A day and a time, or none. */
export function Moment({ label, description, placeholder, value, onChange, error, time, future = false }: Props) {
  const { t } = useTranslation();
  return (
    <DateTimePicker
      label={label}
      description={description}
      placeholder={placeholder}
      clearable
      leftSection={<IconCalendar size={18} aria-hidden />}
      minDate={future ? (toWallClock(new Date().toISOString()) ?? undefined) : undefined}
      defaultTimeValue={time}
      value={toWallClock(value)}
      onChange={(wall) => onChange(fromWallClock(wall))}
      error={error}
      valueFormat="ddd D MMM YYYY HH:mm"
      rightSectionPointerEvents="all"
      clearButtonProps={{ 'aria-label': t('clear', { label }) }}
      nextLabel={t('calendar.next')}
      previousLabel={t('calendar.previous')}
      timePickerProps={{ hoursInputLabel: t('calendar.hours'), minutesInputLabel: t('calendar.minutes') }}
      submitButtonProps={{ 'aria-label': t('calendar.done') }}
      title={timeZone()}
    />
  );
}
