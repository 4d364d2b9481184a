import { Button, Code, CopyButton, Group, List, Paper, PinInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { QRCodeSVG } from 'qrcode.react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '@/shared/api/problem';
import type { AuthSchemas } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';

interface Props {
  enrolment: AuthSchemas['Enrolment'];
  onCode: (code: string) => void;
  busy: boolean;
  problem: Problem | null;
}

/** Scan the picture, type the first code. */
export function FactorSetUp({ enrolment, onCode, busy, problem }: Props) {
  const { t } = useTranslation('session');
  const [code, setCode] = useState('');
  return (
    <Stack>
      <List type="ordered" size="sm" spacing={4}>
        <List.Item>{t('factor.scan')}</List.Item>
        <List.Item>{t('factor.type')}</List.Item>
      </List>
      <Paper withBorder p="md" bg="white" w="fit-content" radius="md">
        <QRCodeSVG value={enrolment.uri} size={180} role="img" aria-label={t('factor.picture')} />
      </Paper>
      <Text size="sm" c="dimmed">
        {t('factor.byHand')} <Code style={{ overflowWrap: 'anywhere' }}>{enrolment.secret}</Code>
      </Text>
      <PinInput
        length={6}
        type="number"
        oneTimeCode
        aria-label={t('code')}
        value={code}
        onChange={setCode}
        onComplete={onCode}
      />
      <Failure problem={problem} />
      <Button loading={busy} disabled={code.length < 6} onClick={() => onCode(code)}>
        {t('factor.confirm')}
      </Button>
    </Stack>
  );
}

/** The codes for the day the phone is lost; shown once. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation('session');
  return (
    <Stack>
      <Text>{t('factor.recovery')}</Text>
      <Paper withBorder p="md">
        <SimpleGrid cols={2}>
          {codes.map((code) => (
            <Code key={code} fz="md">
              {code}
            </Code>
          ))}
        </SimpleGrid>
      </Paper>
      <Group>
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'factor.copied' : 'factor.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('factor.kept')}</Button>
      </Group>
    </Stack>
  );
}
