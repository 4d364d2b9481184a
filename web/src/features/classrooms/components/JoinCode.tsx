import { Button, Card, CopyButton, Group, Menu, Modal, Stack, Text, UnstyledButton, ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconCopy, IconDots, IconMaximize } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { disableJoinCode, renewJoinCode, selectClassroom } from '../store';

const spaced = (code: string) => `${code.slice(0, 4)} ${code.slice(4)}`;

/** The code that lets students in, to copy, to show to the whole room, to renew or switch off. */
export function JoinCode({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const classroom = useAppSelector(selectClassroom(classroomId));
  const dispatch = useAppDispatch();
  const { run, busy } = useAction();
  const [large, show] = useDisclosure(false);
  const renew = () => void run(() => dispatch(renewJoinCode(classroomId)).unwrap());
  const code = classroom?.join_code;
  return (
    <Card p="md">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {t('code.title')}
        </Text>
        {code && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('code.title')} loading={busy}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={renew}>{t('code.renew')}</Menu.Item>
              <Menu.Item onClick={() => void run(() => dispatch(disableJoinCode(classroomId)).unwrap())}>
                {t('code.disable')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {code ? (
        <>
          <Group gap="sm">
            <Text ff="monospace" fz={26} fw={700}>
              {spaced(code)}
            </Text>
            <CopyButton value={code}>
              {({ copied, copy }) => (
                <ActionIcon
                  variant="subtle"
                  onClick={copy}
                  aria-label={t(copied ? 'copied' : 'copy', { ns: 'common' })}
                >
                  {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
                </ActionIcon>
              )}
            </CopyButton>
            <Button size="xs" variant="light" leftSection={<IconMaximize size={16} aria-hidden />} onClick={show.open}>
              {t('code.show')}
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            {classroom.join_code_expires_at
              ? t('code.until', { at: fullDateTime(classroom.join_code_expires_at) })
              : t('code.how')}
          </Text>
          <Modal opened={large} onClose={show.close} fullScreen title={classroom.title}>
            <UnstyledButton onClick={show.close} w="100%">
              <Stack align="center" justify="center" mih="75vh" ta="center">
                <Text fz="clamp(1.2rem, 3vw, 2.2rem)" c="dimmed">
                  {t('code.where', { host: window.location.host })}
                </Text>
                <Text ff="monospace" fw={700} fz="clamp(3rem, 15vw, 13rem)" lh={1.1}>
                  {spaced(code)}
                </Text>
              </Stack>
            </UnstyledButton>
          </Modal>
        </>
      ) : (
        <Stack gap="xs" align="flex-start">
          <Text size="sm">{t('code.off')}</Text>
          <Button size="xs" variant="light" onClick={renew} loading={busy}>
            {t('code.enable')}
          </Button>
        </Stack>
      )}
    </Card>
  );
}
