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
  /** Only times to come. */
  future?: boolean;
}

/** A day and a time, or none. */
export function Moment({ label, description, placeholder, value, onChange, error, future = false }: Props) {
  const { t } = useTranslation();
  return (
    <DateTimePicker
      label={label}
      description={description}
      placeholder={placeholder}
      clearable
      leftSection={<IconCalendar size={18} aria-hidden />}
      minDate={future ? (toWallClock(new Date().toISOString()) ?? undefined) : undefined}
      value={toWallClock(value)}
      onChange={(wall) => onChange(fromWallClock(wall))}
      error={error}
      valueFormat="ddd D MMM YYYY HH:mm"
      rightSectionPointerEvents="all"
      clearButtonProps={{ 'aria-label': t('clear', { label }) }}
      title={timeZone()}
    />
  );
}
