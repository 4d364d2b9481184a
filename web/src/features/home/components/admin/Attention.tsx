import { Card, Group, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import {
  IconAlertTriangle,
  IconChevronRight,
  IconCircleCheck,
  IconMailOff,
  IconShieldOff,
  IconUserQuestion,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMatters, type Matter } from './matters';
import classes from './Attention.module.css';

const LOOKS: Record<Matter['what'], [Icon, string]> = {
  failedImports: [IconAlertTriangle, 'red'],
  expiredInvitations: [IconMailOff, 'orange'],
  idleTeachers: [IconUserQuestion, 'navy'],
  noSecondFactor: [IconShieldOff, 'orange'],
};

/** What should not wait, and the way to it. */
export function Attention() {
  const { t } = useTranslation('home');
  const matters = useMatters();
  if (!matters) return null;
  return (
    <Stack gap="sm">
      <Title order={2}>{t('admin.attention')}</Title>
      <Card p="xs">
        {matters.length === 0 && (
          <Group gap="sm" p="sm" wrap="nowrap">
            <IconCircleCheck color="var(--mantine-color-leaf-6)" aria-hidden />
            <Text>{t('admin.allWell')}</Text>
          </Group>
        )}
        {matters.map((matter) => (
          <Line key={matter.what} matter={matter} />
        ))}
      </Card>
    </Stack>
  );
}

function Line({ matter: { what, count, to } }: { matter: Matter }) {
  const { t } = useTranslation('home');
  const [Picture, colour] = LOOKS[what];
  return (
    <Link to={to} className={classes.line}>
      <ThemeIcon variant="light" size={38} radius="md" color={colour}>
        <Picture size={20} aria-hidden />
      </ThemeIcon>
      <div className={classes.words}>
        <Text fw={550}>{t(`admin.${what}.title`, { count })}</Text>
        <Text size="sm" c="dimmed">
          {t(`admin.${what}.text`)}
        </Text>
      </div>
      <IconChevronRight size={18} aria-hidden />
    </Link>
  );
}
