import { Button, Card, Text, ThemeIcon } from '@mantine/core';
import {
  IconArrowBackUp,
  IconBroadcast,
  IconCheck,
  IconClock,
  IconListCheck,
  IconMessage,
  IconSpeakerphone,
  IconStar,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { fromNow, fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppSelector } from '@/shared/store';
import { useNotificationsInfiniteQuery, useSeeNotificationsMutation, type Notification } from '../api';
import classes from './Notifications.module.css';

const ICONS: Record<Notification['kind'], Icon> = {
  due_soon: IconClock,
  quiz_opened: IconListCheck,
  graded: IconStar,
  returned: IconArrowBackUp,
  commented: IconMessage,
  announced: IconSpeakerphone,
  lecture_opened: IconBroadcast,
};

/** What is due, was graded, returned, said, announced or opened, newest first. */
export function Notifications() {
  const { t } = useTranslation('notifications');
  const query = useNotificationsInfiniteQuery();
  const [see] = useSeeNotificationsMutation();
  const { run, busy } = useAction();
  const unseen = query.data?.pages[0]?.unseen ?? 0;
  return (
    <Page
      title={t('title')}
      narrow
      actions={
        unseen > 0 && (
          <Button
            variant="default"
            loading={busy}
            leftSection={<IconCheck size={18} aria-hidden />}
            onClick={() => void run(() => see(new Date().toISOString()).unwrap())}
          >
            {t('seen')}
          </Button>
        )
      }
    >
      <Resource query={query}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.notifications);
          if (all.length === 0) return <Empty title={t('none')} />;
          return (
            <Card p="xs">
              {all.map((one) => (
                <Row key={one.id} notification={one} />
              ))}
              <MoreButton query={query} />
            </Card>
          );
        }}
      </Resource>
    </Page>
  );
}

const placeOf = ({ kind, assignment_id, classroom_id }: Notification) => {
  if (!assignment_id) return `/classrooms/${classroom_id}`;
  return kind === 'lecture_opened' ? `/lectures/${assignment_id}` : `/assignments/${assignment_id}`;
};

function Row({ notification }: { notification: Notification }) {
  const { t } = useTranslation('notifications');
  const classroom = useAppSelector(selectClassroom(notification.classroom_id));
  const { kind, title, actor_name, at, seen } = notification;
  const Picture = ICONS[kind];
  return (
    <Link to={placeOf(notification)} className={classes.row} data-unseen={!seen || undefined}>
      <ThemeIcon variant="light" size={38} radius="md">
        <Picture size={20} aria-hidden />
      </ThemeIcon>
      <div className={classes.words}>
        <Text fw={seen ? 450 : 650} lineClamp={2}>
          {t(`kind.${kind}`, { title, name: actor_name ?? t('somebody') })}
        </Text>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {classroom && (
            <>
              <bdi>{classroom.title}</bdi>
              {' · '}
            </>
          )}
          <time dateTime={at} title={fullDateTime(at)}>
            {fromNow(at)}
          </time>
        </Text>
      </div>
      {!seen && <span className={classes.dot} role="img" aria-label={t('new')} />}
    </Link>
  );
}
