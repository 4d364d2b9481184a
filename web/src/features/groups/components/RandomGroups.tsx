import { Button, Group, NumberInput, Popover, SegmentedControl, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDice5 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '@/shared/hooks/useAction';
import { useDrawGroupsMutation } from '../api';

interface Props {
  assignmentId: string;
  hasGroups: boolean;
  onDrawn: () => void;
}

/** New groups by chance: so many students each, or so many groups. */
export function RandomGroups({ assignmentId, hasGroups, onDrawn }: Props) {
  const { t } = useTranslation('groups');
  const [opened, box] = useDisclosure(false);
  const [by, setBy] = useState<'size' | 'count'>('size');
  const [number, setNumber] = useState<number | string>(3);
  const [draw] = useDrawGroupsMutation();
  const { run, busy } = useAction();
  async function go() {
    const body = by === 'size' ? { size: Number(number) } : { count: Number(number) };
    if (!(await run(() => draw({ assignmentId, body }).unwrap(), t('random.done')))) return;
    onDrawn();
    box.close();
  }
  return (
    <Popover opened={opened} onChange={box.toggle} trapFocus shadow="md" position="bottom-start">
      <Popover.Target>
        <Button variant="default" leftSection={<IconDice5 size={18} aria-hidden />} onClick={box.toggle}>
          {t('random.title')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm" w={260}>
          <SegmentedControl
            aria-label={t('random.title')}
            data={(['size', 'count'] as const).map((value) => ({ value, label: t(`random.${value}`) }))}
            value={by}
            onChange={(value) => setBy(value as 'size' | 'count')}
          />
          <NumberInput
            label={t(`random.${by}Label`)}
            min={1}
            max={by === 'size' ? 500 : 1000}
            allowDecimal={false}
            value={number}
            onChange={setNumber}
          />
          {hasGroups && (
            <Text size="xs" c="dimmed">
              {t('random.replaces')}
            </Text>
          )}
          <Group justify="flex-end">
            <Button loading={busy} disabled={!Number(number)} onClick={() => void go()}>
              {t('random.action')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
