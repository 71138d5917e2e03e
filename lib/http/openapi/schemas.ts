import type { z } from 'zod';
import { agentRegistration, agentSummary } from '../../model/agent';
import { artifact } from '../../model/artifact';
import { auditDetailValue, auditEntry } from '../../model/audit';
import { caseFigures } from '../../model/cases/case-figures';
import { caseMute, caseRecord, caseResult, caseTry } from '../../model/cases/case-record';
import { caseDetails, caseItem, executionCase, executionCases } from '../../model/cases/case-views';
import { dependency } from '../../model/dependency';
import {
  environment,
  environmentRecord,
  environmentResource,
  execProgress,
  inventory,
  inventoryMessage,
  reapProgress,
  reapResult,
  resourceUsage,
} from '../../model/environment';
import { executionEvent } from '../../model/event';
import {
  action,
  attempt,
  cause,
  executionSummary,
  explainedExecution,
  fault,
  resultReuse,
  step,
  stepResult,
} from '../../model/execution';
import { job, stepOutcome } from '../../model/job';
import { kubernetesSettings } from '../../model/kubernetes-settings';
import { backendOption, launchRequest, launchSuite, overview } from '../../model/launch';
import { logLine } from '../../model/log-line';
import { managedProfile, profileRequest } from '../../model/managed-profile';
import { exportRule, logRule, nodeSource, plannedNode, readyRule } from '../../model/node';
import { plan, suiteIdentity } from '../../model/plan';
import { backendSetting, platformSettings } from '../../model/platform-settings';
import { podTemplate } from '../../model/pod-template';
import { removalReceipt, resourceRow } from '../../model/receipt';
import { registryLogin } from '../../model/registry-login';
import { caseSummary, reportSummary } from '../../model/report';
import { scheduleFiring, scheduleRequest, scheduleSummary } from '../../model/schedule';
import { secretReference } from '../../model/secret';
import { sessionSummary } from '../../model/session';
import { executionStatus, stepStatus } from '../../model/status';
import { serviceAddress, stepSpec } from '../../model/step-spec';
import { suiteFile, suiteProblem, suiteProfile } from '../../model/suite';
import { suiteDetailsAnswer, suiteSummaryAnswer } from '../../model/suite-details';
import { suiteGrant } from '../../model/suite-grant';
import { tokenSummary } from '../../model/token';
import { invitation, userSummary } from '../../model/user';
import { webhook, webhookDelivery, webhookRequest } from '../../model/webhook';
import { problemDetails } from '../problem';
import { lateProblem } from '../progress-response';
import { checkResult } from '../readiness';

/** What the document calls the schemas that are used more than once, or that a client wants a name for. */
export const namedSchemas: Record<string, z.ZodType> = {
  Action: action,
  AgentRegistration: agentRegistration,
  AgentSummary: agentSummary,
  Artifact: artifact,
  Attempt: attempt,
  AuditDetailValue: auditDetailValue,
  AuditEntry: auditEntry,
  BackendOption: backendOption,
  BackendSetting: backendSetting,
  CaseDetails: caseDetails,
  CaseFigures: caseFigures,
  CaseItem: caseItem,
  CaseMute: caseMute,
  CaseRecord: caseRecord,
  CaseResult: caseResult,
  CaseSummary: caseSummary,
  CaseTry: caseTry,
  Cause: cause,
  CheckResult: checkResult,
  Dependency: dependency,
  Environment: environment,
  EnvironmentRecord: environmentRecord,
  EnvironmentResource: environmentResource,
  ExecProgress: execProgress,
  Execution: explainedExecution,
  ExecutionCase: executionCase,
  ExecutionCases: executionCases,
  ExecutionEvent: executionEvent,
  ExecutionStatus: executionStatus,
  ExecutionSummary: executionSummary,
  ExportRule: exportRule,
  Fault: fault,
  Invitation: invitation,
  Inventory: inventory,
  InventoryMessage: inventoryMessage,
  Job: job,
  KubernetesSettings: kubernetesSettings,
  LateProblem: lateProblem,
  LaunchRequest: launchRequest,
  LaunchSuite: launchSuite,
  LogLine: logLine,
  LogRule: logRule,
  ManagedProfile: managedProfile,
  NodeSource: nodeSource,
  Overview: overview,
  Plan: plan,
  PlannedNode: plannedNode,
  PlatformSettings: platformSettings,
  PodTemplate: podTemplate,
  Problem: problemDetails,
  ProfileRequest: profileRequest,
  ReadyRule: readyRule,
  ReapProgress: reapProgress,
  ReapResult: reapResult,
  RegistryLogin: registryLogin,
  RemovalReceipt: removalReceipt,
  ReportSummary: reportSummary,
  ResourceRow: resourceRow,
  ResourceUsage: resourceUsage,
  ScheduleFiring: scheduleFiring,
  ScheduleRequest: scheduleRequest,
  ScheduleSummary: scheduleSummary,
  SecretReference: secretReference,
  ServiceAddress: serviceAddress,
  SessionSummary: sessionSummary,
  Step: step,
  StepOutcome: stepOutcome,
  StepResult: stepResult,
  StepSpec: stepSpec,
  StepStatus: stepStatus,
  SuiteDetails: suiteDetailsAnswer,
  SuiteFile: suiteFile,
  SuiteIdentity: suiteIdentity,
  SuiteProblem: suiteProblem,
  SuiteProfile: suiteProfile,
  SuiteSummary: suiteSummaryAnswer,
  TakeOver: resultReuse,
  SuiteGrant: suiteGrant,
  TokenSummary: tokenSummary,
  UserSummary: userSummary,
  Webhook: webhook,
  WebhookDelivery: webhookDelivery,
  WebhookRequest: webhookRequest,
};
