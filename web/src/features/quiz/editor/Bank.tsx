import {
  Button,
  Checkbox,
  FileButton,
  Group,
  List,
  Modal,
  Select,
  Stack,
  Tabs,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import { Empty } from '@/shared/components/Empty';
import { Failure } from '@/shared/components/Failure';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useBankInfiniteQuery, useBankTagsQuery, useImportGiftMutation } from './api';
import { copyOf, type Question } from './draft';

interface Props {
  onClose: () => void;
  onAdd: (questions: Question[]) => void;
}

/** The teacher's question bank: copies of its questions come into the quiz; GIFT files go into it. */
export function Bank({ onClose, onAdd }: Props) {
  const { t } = useTranslation('quiz');
  return (
    <Modal opened onClose={onClose} size="lg" title={t('bank.title')}>
      <Tabs defaultValue="choose">
        <Tabs.List mb="md">
          <Tabs.Tab value="choose">{t('bank.choose')}</Tabs.Tab>
          <Tabs.Tab value="import">{t('bank.import')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="choose">
          <Choosing onClose={onClose} onAdd={onAdd} />
        </Tabs.Panel>
        <Tabs.Panel value="import">
          <Importing />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function Choosing({ onClose, onAdd }: Props) {
  const { t } = useTranslation('quiz');
  const [search, setSearch] = useState('');
  const [tag, setTag] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Question[]>([]);
  const [settled] = useDebouncedValue(search.trim(), 300);
  const { data: tags } = useBankTagsQuery();
  const query = useBankInfiniteQuery({ search: settled, tag });
  const toggle = (question: Question) =>
    setChosen(
      chosen.some((one) => one.id === question.id)
        ? chosen.filter((one) => one.id !== question.id)
        : [...chosen, question],
    );
  function add() {
    onAdd(chosen.map(copyOf));
    onClose();
  }
  return (
    <Stack>
      <Group grow>
        <TextInput
          label={t('bank.search')}
          maxLength={200}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          label={t('bank.tag')}
          clearable
          searchable
          data={tags?.map((one) => ({ value: one.tag, label: `${one.tag} (${one.count})` })) ?? []}
          value={tag}
          onChange={setTag}
        />
      </Group>
      <Resource query={query}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.items);
          if (found.length === 0) return <Empty title={t('bank.empty')} />;
          return (
            <Stack gap="xs">
              {found.map(({ question, tags: of }) => (
                <Checkbox
                  key={question.id}
                  label={question.title}
                  description={[t(`kinds.${question.kind}`), ...of].join(' · ')}
                  checked={chosen.some((one) => one.id === question.id)}
                  onChange={() => toggle(question)}
                />
              ))}
              <MoreButton query={query} />
            </Stack>
          );
        }}
      </Resource>
      <Group justify="flex-end">
        <Button disabled={chosen.length === 0} onClick={add}>
          {t('bank.addChosen', { count: chosen.length })}
        </Button>
      </Group>
    </Stack>
  );
}

/** First tried, then done: what a file holds that cannot be taken is named by its line. */
function Importing() {
  const { t } = useTranslation('quiz');
  const [text, setText] = useState('');
  const [tags, setTags] = useState<string[]>([]);
  const [report, setReport] = useState<ClassroomSchemas['ImportReport'] | null>(null);
  const [importGift] = useImportGiftMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  function typed(next: string) {
    setText(next);
    setReport(null);
  }
  const send = (dry_run: boolean) =>
    run(
      async () => {
        const told = await importGift({ text, tags, dry_run }).unwrap();
        setReport(dry_run ? told : null);
        if (!dry_run) setText('');
      },
      dry_run ? undefined : t('bank.imported'),
    );
  return (
    <Stack>
      <Textarea
        label={t('bank.gift')}
        autosize
        minRows={6}
        maxRows={14}
        value={text}
        onChange={(event) => typed(event.currentTarget.value)}
        error={problem?.fields['text']}
      />
      <FileButton accept=".txt,.gift,text/plain" onChange={(file) => void file?.text().then(typed)}>
        {(props) => (
          <Button {...props} variant="default" w="fit-content">
            {t('bank.file')}
          </Button>
        )}
      </FileButton>
      <TagsInput label={t('bank.tags')} maxTags={20} value={tags} onChange={setTags} error={problem?.fields['tags']} />
      <Failure problem={problem} />
      {report && <Report report={report} />}
      <Group justify="flex-end">
        <Button variant="default" loading={busy} disabled={!text.trim()} onClick={() => void send(true)}>
          {t('bank.check')}
        </Button>
        <Button loading={busy} disabled={!report?.questions.length} onClick={() => void send(false)}>
          {t('bank.import')}
        </Button>
      </Group>
    </Stack>
  );
}

function Report({ report }: { report: ClassroomSchemas['ImportReport'] }) {
  const { t } = useTranslation('quiz');
  return (
    <Stack gap={4} role="status">
      <Text size="sm">{t('bank.found', { count: report.questions.length })}</Text>
      <List size="sm">
        {report.skipped.map((one) => (
          <List.Item key={`${one.line}.${one.message}`}>{t('bank.skipped', { ...one })}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
