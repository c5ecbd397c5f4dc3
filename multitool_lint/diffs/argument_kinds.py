"""What the arguments of modules are for, by the words of their names."""

from __future__ import annotations

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.syntax.texts import in_snake_case

_WORDS_OF_ACCESS = lazy_pattern(
    r"(?:^|_)(?:access|account|acl|action|admin|allow|arn|assume|attach|auth|boundary|deny|deni|federat"
    r"|grant|group_names|iam|identit|irsa|oidc|org|owner|permission|polic|principal|privilege|public"
    r"|role|saml|scope|service_account|shar|sid|statement|trust|user)"
)
"""What the words of a name begin with that may name who has access, or to what."""
_OF_NETWORK = lazy_pattern(r"public_(?:ip|subnet|route|nat)|user_data|scheduled_actions?")
"""The same words of what is a part of a network, a script or a schedule."""
_RUNS = lazy_pattern(
    r"(?:^|_)(?:image(?:_(?:id|name|tag|uri|url|version))?|user_data(?:_base64)?"
    r"|container_definitions?|environment(?:_variables)?|env(?:s|_vars?|_variables)?"
    r"|runtimes?|handler|layers?|architectures?|build_?spec|source_(?:path|dir|file)"
    r"|(?:create|local_existing)_package|package_type|entry_?points?|docker_?file"
    r"|(?:kubelet|bootstrap)(?:_extra)?_args)$"
)
"""What arguments are called that decide what runs, and not as whom."""
_ENVIRONMENT = lazy_pattern(r"(?:^|_)env(?:ironment)?_(?:vars?|variables)$")
_MACHINE = lazy_pattern(
    r"(?:^|_)(?:(?:instance|node|machine|capacity|ami|volume|disk)_(?:types?|class)|memory(?:_size)?"
    r"|cpus?|(?:min|max|desired|disk|volume|root_volume)_(?:size|capacity)|labels|taints"
    r"|(?:block_device|ebs)(?:_(?:mappings?|optimized|config))?|(?:storage_)?encrypted"
    r"|(?:backup|maintenance)_window|engine(?:_mode|_family)?|(?:parameter_group_)?family|storage_type"
    r"|multi_az|deletion_protection|skip_final_snapshot|apply_immediately|force_destroy"
    r"|auto_minor_version_upgrade|copy_tags_to_snapshot|versioning|random_suffix"
    r"|(?:log|retention|backup|timeout|ttl)_(?:levels?|days|periods?|seconds|minutes)"
    r"|schedule(?:_expression)?|cron|time_?zone|health_checks?(?:_\w+)?|autoscaling(?:_\w+)?"
    r"|comparison_operator|statistic|treat_missing_data|lifecycle_rules?)(?:_enabled)?$"
)
"""What arguments are called that say on which machines something runs, and when these change."""
_NETWORK = lazy_pattern(
    r"(?:^|_)(?:ports?|cidrs?(?:_blocks?|_ips?)?|subnets?(?:_ids?)?|security_groups?(?:_ids?)?"
    r"|(?:in|e)gress(?:_(?:\w+_)?rules)?|availability_zones?|azs|trusted_(?:proxies|ips|networks))$"
)
"""What arguments are called that say where something is in a network, as `vpc_subnet_ids` does."""
_WIRING = lazy_pattern(
    r"(?:^|_)(?:(?:nat|internet)_gateways?(?:_per_(?:az|subnet))?|vpc(?:_id|_config(?:uration)?)?"
    r"|network_(?:interfaces?|config(?:uration)?|mode)|cross_zone_load_balancing|route_tables?(?:_ids?)?"
    r"|dns_(?:hostnames|support)|(?:assign|associate)_public_ip(?:_address)?)$"
)
"""The same of what is a part of a network, or whether it has one."""
_DAY_TIME = r"(?:[a-z]{3}:)?[0-9]{2}:[0-9]{2}"
_REGISTRY = (
    r"(?:[0-9]+\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|public\.ecr\.aws|docker\.io|ghcr\.io"
    r"|gcr\.io|quay\.io|registry\.k8s\.io|mcr\.microsoft\.com)"
)
_SHAPES = lazy_pattern(
    r"(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:/[0-9]{1,3})?"  # a network
    r"|[0-9]+-[0-9]+"  # ports
    r"|(?:[0-9]+(?:ms|[smhd]))+"  # a duration
    rf"|{_DAY_TIME}-{_DAY_TIME}"  # a window
    r"|(?:cron|rate)\([\w*?,/# -]+\)"  # a schedule
    r"|(?:[0-9*?][0-9*?,/-]*)(?: [0-9A-Z*?][\w*?,/#-]*){4,5}"
    r"|(?:(?:db|cache|ml|dax)\.)?[a-z]{1,4}[0-9][a-z]{0,4}(?:-[a-z0-9]+)?"  # a machine
    r"\.(?:nano|micro|small|medium|[0-9]*x?large|metal)(?:\.(?:elastic)?search)?"
    rf"|{_REGISTRY}(?:/[\w.-]+)+:[\w.-]+"  # an image
    r"|[\w.-]+(?:/[\w.-]+)+(?::[\w.-]+)?@sha256:[0-9a-f]+"
)
"""The texts that grant nothing, whatever a module makes of them."""
_LABEL = lazy_pattern(r"(?:^|_)(?:description|tags)$")
_TAG = "tag_"
_NAME = lazy_pattern(r"(?:(?:logical|resource|policy|role)_)?name_prefix|identifier(?:_prefix)?")
"""What parts of names are called of what a module makes: what is there has a whole name.

The identifier of a database is its name.
"""
_DEPENDENCE = lazy_pattern(r"depends_on|dependenc(?:e|y|ies)(?:_\w+)?")


def plain_name(argument: str) -> str:
    """The name of an argument, or of a parameter of a stack, in words as in Terraform."""
    return in_snake_case(argument.rpartition("/")[2])


def is_label(name: str) -> bool:
    """Whether an argument, or a member of one, has words for people or places of a network."""
    is_own = _NETWORK.search(name) or _LABEL.search(name)
    return is_own is not None or (name.startswith(_TAG) and not names_access(name))


def is_name(name: str) -> bool:
    """Whether an argument is the name, or a part of one, of something that a module makes."""
    return _NAME.fullmatch(name) is not None


def has_harmless_shape(text: str) -> bool:
    """Whether a text is a network, a time, a machine or an image, and cannot be a name of IAM."""
    return _SHAPES.fullmatch(text) is not None


def orders(name: str) -> bool:
    """Whether an argument only says what has to be there first."""
    return _DEPENDENCE.fullmatch(name) is not None


def is_environment(name: str) -> bool:
    """Whether an argument has the variables of what runs: these grant nothing."""
    return _ENVIRONMENT.search(name) is not None and not names_access(name)


def is_what_runs(name: str) -> bool:
    """Whether an argument is code, or its settings, or where and on what that runs."""
    kinds = _RUNS, _MACHINE, _WIRING
    return not names_access(name) and any(kind.search(name) for kind in kinds)


def names_access(name: str) -> bool:
    """Whether a word of a name is one of who has access, or to what."""
    return _WORDS_OF_ACCESS.search(_OF_NETWORK.sub("", name)) is not None
