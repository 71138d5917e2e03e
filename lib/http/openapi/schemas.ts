import type { z } from 'zod';
import { agentRegistration, agentSummary } from '../../model/agent';
import { artifact } from '../../model/artifact';
import { auditDetailValue, auditEntry } from '../../model/audit';
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
  attempt,
  cause,
  execution,
  executionSummary,
  step,
  stepResult,
  takeOver,
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
import { reportSummary, testCase } from '../../model/report';
import { secretReference } from '../../model/secret';
import { executionStatus, stepStatus } from '../../model/status';
import { serviceAddress, stepSpec } from '../../model/step-spec';
import { suiteFile, suiteProblem, suiteProfile } from '../../model/suite';
import { suiteDetails, suiteSummary } from '../../model/suite-details';
import { tokenSummary } from '../../model/token';
import { problemDetails } from '../problem';
import { lateProblem } from '../progress-response';
import { checkResult } from '../readiness';

/** What the document calls the schemas that are used more than once, or that a client wants a name for. */
export const namedSchemas: Record<string, z.ZodType> = {
  AgentRegistration: agentRegistration,
  AgentSummary: agentSummary,
  Artifact: artifact,
  Attempt: attempt,
  AuditDetailValue: auditDetailValue,
  AuditEntry: auditEntry,
  BackendOption: backendOption,
  BackendSetting: backendSetting,
  Cause: cause,
  CheckResult: checkResult,
  Dependency: dependency,
  Environment: environment,
  EnvironmentRecord: environmentRecord,
  EnvironmentResource: environmentResource,
  ExecProgress: execProgress,
  Execution: execution,
  ExecutionEvent: executionEvent,
  ExecutionStatus: executionStatus,
  ExecutionSummary: executionSummary,
  ExportRule: exportRule,
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
  RemovalReceipt: removalReceipt,
  ReportSummary: reportSummary,
  ResourceRow: resourceRow,
  ResourceUsage: resourceUsage,
  SecretReference: secretReference,
  ServiceAddress: serviceAddress,
  Step: step,
  StepOutcome: stepOutcome,
  StepResult: stepResult,
  StepSpec: stepSpec,
  StepStatus: stepStatus,
  SuiteDetails: suiteDetails,
  SuiteFile: suiteFile,
  SuiteIdentity: suiteIdentity,
  SuiteProblem: suiteProblem,
  SuiteProfile: suiteProfile,
  SuiteSummary: suiteSummary,
  TakeOver: takeOver,
  TestCase: testCase,
  TokenSummary: tokenSummary,
};
