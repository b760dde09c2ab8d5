//! What a seller sells, and who delivers it: a tree of categories, products, and the partners behind them. The words
//! for category and product in a complaint are looked up here, so that rules know the branch of the tree, and the owner
//! sees which partner is involved without anybody entering it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use entity::id::{CategoryId, PartnerId, ProductId, SellerId};
use entity::{category, delivery, partner, product};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{NAME, taken};
use crate::access::door;
use crate::kit::error::{ErrorCode, Outcome, Problem, required};
use crate::kit::text;
use crate::kit::work::Work;
use crate::texts;

/// The maximum depth of the tree.
const DEEPEST: usize = 10;

/// A seller's whole catalogue in memory: categories, products and deliveries, indexed by name and id.
#[derive(Debug, Default)]
pub struct Catalogue {
    categories: HashMap<CategoryId, category::Model>,
    by_name: HashMap<String, CategoryId>,
    products: HashMap<String, product::Model>,
    by_category: HashMap<CategoryId, Vec<PartnerId>>,
    by_product: HashMap<ProductId, Vec<PartnerId>>,
}

/// What the catalogue knows about the category and product that a complaint names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueMatch {
    /// The category: the complaint's own word, or otherwise the category of the product.
    pub category: Option<String>,
    /// The categories above it, the nearest first.
    pub above: Vec<String>,
    /// The partners who deliver the product, the category or one above it.
    pub partners: Vec<PartnerId>,
}

impl Catalogue {
    /// Reads a seller's catalogue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn read(db: &impl ConnectionTrait, seller: SellerId) -> Result<Self, DbErr> {
        let mut known = Self::default();
        for row in category::Entity::find().filter(category::Column::SellerId.eq(seller)).all(db).await? {
            known.by_name.insert(row.folded.clone(), row.id);
            known.categories.insert(row.id, row);
        }
        for row in product::Entity::find().filter(product::Column::SellerId.eq(seller)).all(db).await? {
            known.products.insert(row.folded.clone(), row);
        }
        let active: HashSet<PartnerId> = partner::Entity::find()
            .select_only()
            .column(partner::Column::Id)
            .filter(partner::Column::SellerId.eq(seller))
            .filter(partner::Column::Active.eq(true))
            .into_tuple()
            .all(db)
            .await?
            .into_iter()
            .collect();
        for row in delivery::Entity::find().filter(delivery::Column::SellerId.eq(seller)).all(db).await? {
            if !active.contains(&row.partner_id) {
                continue;
            }
            if let Some(category) = row.category_id {
                known.by_category.entry(category).or_default().push(row.partner_id);
            }
            if let Some(product) = row.product_id {
                known.by_product.entry(product).or_default().push(row.partner_id);
            }
        }
        Ok(known)
    }

    /// Looks up these words for category and product.
    #[must_use]
    pub fn place(&self, category: Option<&str>, product: Option<&str>) -> CatalogueMatch {
        let product = product.and_then(|name| self.products.get(&folded(name)));
        let named = category.and_then(|name| self.by_name.get(&folded(name))).copied();
        let found = named.or_else(|| product.filter(|_| category.is_none()).and_then(|product| product.category_id));
        let branch = self.branch(found);
        let mut partners: Vec<PartnerId> =
            product.and_then(|product| self.by_product.get(&product.id)).cloned().unwrap_or_default();
        partners.extend(branch.iter().filter_map(|row| self.by_category.get(&row.id)).flatten());
        let mut seen = HashSet::new();
        partners.retain(|partner| seen.insert(*partner));
        CatalogueMatch {
            category: category.map(str::to_owned).or_else(|| branch.first().map(|row| row.name.clone())),
            above: branch.iter().skip(1).map(|row| row.name.clone()).collect(),
            partners,
        }
    }

    /// A category and the categories above it, the nearest first.
    fn branch(&self, from: Option<CategoryId>) -> Vec<&category::Model> {
        let mut branch = Vec::new();
        let mut next = from;
        while let Some(row) = next.and_then(|id| self.categories.get(&id)).filter(|_| branch.len() < DEEPEST) {
            branch.push(row);
            next = row.parent_id;
        }
        branch
    }
}

/// Catalogues in memory, each with the catalogue version that it was read at.
#[derive(Default)]
struct KnownCatalogues(Mutex<HashMap<SellerId, (i64, Arc<Catalogue>)>>);

/// A seller's catalogue at this version; from memory when that version was read before.
///
/// # Errors
/// When the store cannot be read.
pub async fn at(work: &Work, seller: SellerId, version: i64) -> Outcome<Arc<Catalogue>> {
    let known = work.app().part::<KnownCatalogues>();
    let cached = known.0.lock().unwrap_or_else(PoisonError::into_inner).get(&seller).cloned();
    if let Some((_, catalogue)) = cached.filter(|(of, _)| *of == version) {
        return Ok(catalogue);
    }
    let catalogue = Arc::new(Catalogue::read(work.tx()?, seller).await?);
    known.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seller, (version, Arc::clone(&catalogue)));
    Ok(catalogue)
}

fn folded(name: &str) -> String {
    text::folded(name.trim())
}

/// The new contents of a category.
#[derive(Debug, Clone)]
pub struct CategoryShape {
    /// Its name, unique at the seller without regard to case.
    pub name: String,
    /// The category above it; `None` at the top of the tree.
    pub parent: Option<CategoryId>,
    /// The partners who deliver what belongs to it.
    pub partners: Vec<PartnerId>,
}

/// The new contents of a product.
#[derive(Debug, Clone)]
pub struct ProductShape {
    /// Its name, unique at the seller without regard to case.
    pub name: String,
    /// Its category.
    pub category: Option<CategoryId>,
    /// The partners who deliver it.
    pub partners: Vec<PartnerId>,
}

/// Creates a category, or replaces the contents of an existing one.
///
/// # Errors
/// When the name is missing or taken, the tree would contain a loop or be deeper than ten levels, or a partner does not
/// belong to the seller.
pub async fn set_category(
    work: &mut Work,
    seller: SellerId,
    id: Option<CategoryId>,
    shape: &CategoryShape,
) -> Outcome<category::Model> {
    changes(work, seller).await?;
    let name = required(&shape.name, "name", NAME)?;
    let tree: BTreeMap<CategoryId, category::Model> = category::Entity::find()
        .filter(category::Column::SellerId.eq(seller))
        .all(work.tx()?)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let before = id.map(|id| tree.get(&id).ok_or_else(|| Problem::not_found("categoryId"))).transpose()?;
    let namesake = tree.values().find(|row| row.folded == folded(&name));
    if namesake.is_some_and(|row| Some(row.id) != id) {
        return Err(taken("name").into());
    }
    check_branch(&tree, id, shape.parent)?;
    let mut row = category::Model {
        id: id.unwrap_or_else(|| work.new_id()),
        version: before.map_or(0, |row| row.version),
        seller_id: seller,
        parent_id: shape.parent,
        folded: folded(&name),
        name,
        created_at: before.map_or(work.now(), |row| row.created_at),
    };
    let of = delivery::Column::CategoryId.eq(row.id);
    delivery::Entity::delete_many().filter(of).exec(work.tx()?).await?;
    work.check_version(row.version)?;
    row.version += 1;
    work.save(row.clone());
    deliver(work, seller, &shape.partners, (Some(row.id), None)).await?;
    Ok(row)
}

fn check_branch(
    tree: &BTreeMap<CategoryId, category::Model>,
    own: Option<CategoryId>,
    parent: Option<CategoryId>,
) -> Result<(), Problem> {
    let mut above = parent;
    for _ in 0..DEEPEST {
        let Some(id) = above else { return Ok(()) };
        let row = tree.get(&id).ok_or_else(|| Problem::not_found("parentId"))?;
        if own == Some(id) {
            return Err(Problem::new(ErrorCode::Invalid, "parentId", texts::directory::below_itself()));
        }
        above = row.parent_id;
    }
    Err(Problem::new(ErrorCode::Invalid, "parentId", texts::directory::too_deep()))
}

/// Creates a product, or replaces the contents of an existing one.
///
/// # Errors
/// When the name is missing or taken, or the category or a partner does not belong to the seller.
pub async fn set_product(
    work: &mut Work,
    seller: SellerId,
    id: Option<ProductId>,
    shape: &ProductShape,
) -> Outcome<product::Model> {
    changes(work, seller).await?;
    let name = required(&shape.name, "name", NAME)?;
    let before = match id {
        None => None,
        Some(id) => {
            let row = product::Entity::find_by_id(id).one(work.tx()?).await?;
            Some(row.filter(|row| row.seller_id == seller).ok_or_else(|| Problem::not_found("productId"))?)
        }
    };
    let namesake = product::Entity::find()
        .filter(product::Column::SellerId.eq(seller))
        .filter(product::Column::Folded.eq(folded(&name)))
        .one(work.tx()?)
        .await?;
    if namesake.is_some_and(|row| Some(row.id) != id) {
        return Err(taken("name").into());
    }
    if let Some(category) = shape.category {
        let row = category::Entity::find_by_id(category).one(work.tx()?).await?;
        row.filter(|row| row.seller_id == seller).ok_or_else(|| Problem::not_found("categoryId"))?;
    }
    let mut row = product::Model {
        id: id.unwrap_or_else(|| work.new_id()),
        version: before.as_ref().map_or(0, |row| row.version),
        seller_id: seller,
        category_id: shape.category,
        folded: folded(&name),
        name,
        created_at: before.map_or(work.now(), |row| row.created_at),
    };
    let of = delivery::Column::ProductId.eq(row.id);
    delivery::Entity::delete_many().filter(of).exec(work.tx()?).await?;
    work.check_version(row.version)?;
    row.version += 1;
    work.save(row.clone());
    deliver(work, seller, &shape.partners, (None, Some(row.id))).await?;
    Ok(row)
}

/// Locks the seller and increments the version of its catalogue.
pub(super) async fn changes(work: &mut Work, seller: SellerId) -> Outcome<()> {
    let mut row = door::seller(work, seller, "sellerId").await?.done();
    row.catalogue_version += 1;
    work.save(row);
    Ok(())
}

async fn deliver(
    work: &mut Work,
    seller_id: SellerId,
    partners: &[PartnerId],
    (category_id, product_id): (Option<CategoryId>, Option<ProductId>),
) -> Outcome<()> {
    let wanted: HashSet<PartnerId> = partners.iter().copied().collect();
    let found = partner::Entity::find()
        .filter(partner::Column::SellerId.eq(seller_id))
        .filter(partner::Column::Id.is_in(wanted.iter().copied()))
        .all(work.tx()?)
        .await?;
    if found.len() < wanted.len() {
        return Err(Problem::not_found("partnerIds").into());
    }
    for row in found {
        let id = work.app().new_id(work.now());
        work.insert(delivery::Model { id, seller_id, partner_id: row.id, category_id, product_id });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    fn world() -> Catalogue {
        let id = |number| Uuid::from_u128(number);
        let seller_id = SellerId(id(1));
        let mut known = Catalogue::default();
        for (number, parent, name) in [(10, None, "Broadband"), (11, Some(10), "Fibre"), (12, Some(11), "Modem")] {
            let row = category::Model {
                id: CategoryId(id(number)),
                version: 1,
                seller_id,
                parent_id: parent.map(|parent| CategoryId(id(parent))),
                name: name.into(),
                folded: folded(name),
                created_at: DateTime::<Utc>::UNIX_EPOCH,
            };
            known.by_name.insert(row.folded.clone(), row.id);
            known.categories.insert(row.id, row);
        }
        let fast = product::Model {
            id: ProductId(id(20)),
            version: 1,
            seller_id,
            category_id: Some(CategoryId(id(11))),
            name: "Fast 500".into(),
            folded: "fast 500".into(),
            created_at: DateTime::<Utc>::UNIX_EPOCH,
        };
        known.by_product.insert(fast.id, vec![PartnerId(id(31)), PartnerId(id(30))]);
        known.products.insert(fast.folded.clone(), fast);
        known.by_category.insert(CategoryId(id(10)), vec![PartnerId(id(30))]);
        known
    }

    #[test]
    fn words_find_their_branch_and_the_partners_behind_it() {
        let known = world();
        let partners = |place: &CatalogueMatch| place.partners.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>();
        let modem = known.place(Some(" MODEM "), None);
        assert_eq!((modem.category.as_deref(), modem.above.join(",")), (Some(" MODEM "), "Fibre,Broadband".into()));
        assert_eq!(partners(&modem), [30]);
        let by_product = known.place(None, Some("fast 500"));
        assert_eq!((by_product.category.as_deref(), by_product.above.join(",")), (Some("Fibre"), "Broadband".into()));
        assert_eq!(partners(&by_product), [31, 30]);
        let unknown = known.place(Some("weather"), Some("umbrella"));
        assert_eq!(unknown, CatalogueMatch { category: Some("weather".into()), ..CatalogueMatch::default() });
        assert_eq!(known.place(None, None), CatalogueMatch::default());
    }
}
