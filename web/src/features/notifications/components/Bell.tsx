import { ActionIcon, Indicator } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { selectPerson } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';

const MOST = 99;

/** How much there is to know, and the way to it. */
export function Bell({ className }: { className?: string }) {
  const { t } = useTranslation();
  const unseen = useAppSelector(selectPerson)?.unseen ?? 0;
  return (
    <Indicator label={unseen > MOST ? `${MOST}+` : unseen} disabled={unseen === 0} size={17} offset={6} color="red.7">
      <ActionIcon
        component={Link}
        to="/notifications"
        variant="subtle"
        size="lg"
        className={className}
        aria-label={unseen > 0 ? t('unseen', { count: unseen }) : t('nav.notifications')}
      >
        <IconBell size={20} aria-hidden />
      </ActionIcon>
    </Indicator>
  );
}
