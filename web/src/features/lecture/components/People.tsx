import { ActionIcon, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Initials } from '@/shared/components/Initials';
import { IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { timeOfDay } from '@/shared/format';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { mute, raiseHand } from '../connection';
import type { Author } from '../frames';
import { selectLecture, selectPresent } from '../store';

/** Raised hands in their order, then everybody who is there. */
export function People() {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const { you, hands } = useAppSelector(selectLecture);
  const present = useAppSelector(selectPresent);
  return (
    <Stack gap="md">
      {hands.length > 0 && (
        <Stack gap={4}>
          <Text fw={600} size="sm">
            {t('hand.queue')}
          </Text>
          {hands.map((hand, index) => (
            <Group key={hand.account_id} justify="space-between" wrap="nowrap">
              <Text size="sm" truncate>
                {index + 1}. {hand.name}{' '}
                <Text span size="xs" c="dimmed">
                  {timeOfDay(hand.raised_at)}
                </Text>
              </Text>
              {you?.role === 'teacher' && (
                <Button size="compact-xs" variant="default" onClick={() => dispatch(raiseHand(false, hand.account_id))}>
                  {t('hand.lower')}
                </Button>
              )}
            </Group>
          ))}
        </Stack>
      )}
      <Stack gap={6}>
        {present.map((person) => (
          <Person key={person.account_id} person={person} teaches={you?.role === 'teacher'} />
        ))}
      </Stack>
    </Stack>
  );
}

function Person({ person, teaches }: { person: Author; teaches: boolean }) {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const muted = useAppSelector(selectLecture).mutedIds.includes(person.account_id);
  return (
    <Group gap="xs" wrap="nowrap">
      <Initials name={person.name} size={28} />
      <Text size="sm" truncate flex={1}>
        {person.name}
      </Text>
      {person.role === 'teacher' && <Badge variant="light">{t('teacher')}</Badge>}
      {teaches && person.role === 'student' && (
        <ActionIcon
          variant="subtle"
          color={muted ? 'red' : 'gray'}
          aria-label={t(muted ? 'unmute' : 'mute', { name: person.name })}
          aria-pressed={muted}
          onClick={() => dispatch(mute(person.account_id, !muted))}
        >
          {muted ? <IconMicrophoneOff size={16} /> : <IconMicrophone size={16} />}
        </ActionIcon>
      )}
    </Group>
  );
}
