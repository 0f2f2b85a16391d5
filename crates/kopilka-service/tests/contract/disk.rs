//! A full disk, a newer database, a wrong key, a copy.

use crate::world::*;
use kopilka_service::*;

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_half_written() {
    let world = World::new().await;
    let member = world.member("42").await;
    world.service.limit_pages(Some(2)).await.unwrap();
    let mut full = 0;
    for n in 0..400 {
        match world.adjust(&format!("k{n}"), member, 1).await {
            Ok(_) => {}
            Err(ServiceError::StorageFull) => full += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(full > 0, "the disk never filled");
    world.prove().await;
    world.service.limit_pages(None).await.unwrap();
    for n in 0..400 {
        world.adjust(&format!("k{n}"), member, 1).await.unwrap();
    }
    assert_eq!(world.available(member).await, 900);
    world.prove().await;
}

#[tokio::test]
async fn a_database_is_opened_with_its_own_key_only() {
    let world = World::new().await;
    world.service.stop();
    let place = world.place;
    drop(world.service);
    let path = key_file::path_in(place.path());
    let key = std::fs::read(&path).unwrap();
    std::fs::write(&path, [7; 32]).unwrap();
    assert!(matches!(place.open(), Err(OpenError::KeyWrong { .. })));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(place.open(), Err(OpenError::KeyMissing { .. })));
    key_file::write(&path, &key).unwrap();
    assert!(place.open().is_ok());
}

#[tokio::test]
async fn a_live_database_is_copied_and_comes_back() {
    let world = World::new().await;
    let anna = Registration {
        ext: Some("42".to_owned()),
        phones: vec!["89123456789".to_owned()],
        ..Registration::default()
    };
    let member = world.register("r", anna).await.member;
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("copy.db");
    let made = care::back_up(world.place.path(), &file, false).unwrap();
    assert!(made.key_copy.is_none() && made.key_file.exists());
    world.adjust("after", member, -100).await.unwrap();

    let empty = tempfile::tempdir().unwrap();
    let target = empty.path().join("data");
    let refused = care::restore(&file, &target, None, false).unwrap_err().to_string();
    assert!(refused.contains("key"), "{refused}");
    let restored = care::restore(&file, &target, Some(&made.key_file), false).unwrap();
    assert_eq!((restored.members, restored.differences), (1, 0));
    let again = care::restore(&file, &target, Some(&made.key_file), false).unwrap_err().to_string();
    assert!(again.contains("--force"), "{again}");
    care::restore(&file, &target, Some(&made.key_file), true).unwrap();
    let running = care::restore(&file, world.place.path(), None, true).unwrap_err().to_string();
    assert!(running.contains("in use"), "{running}");

    let service = Service::open(OpenOptions::in_dir(&target)).unwrap();
    let by_phone = MemberRef::Phone("+7 912 345-67-89".to_owned());
    assert_eq!(service.find_member(world.program, by_phone).await, Ok(member));
    let other_key = copies.path().join("other.key");
    key_file::create(&other_key).unwrap();
    let third = empty.path().join("third");
    assert!(care::restore(&file, &third, Some(&other_key), false).is_err());
    let with_key = copies.path().join("with-key.db");
    let made = care::back_up(world.place.path(), &with_key, true).unwrap();
    assert!(made.key_copy.unwrap().exists());
    // What opens stored secrets comes along with the key, and back with either.
    let own = std::fs::read(secrets::path_in(world.place.path())).unwrap();
    assert_eq!(std::fs::read(made.secrets_copy.unwrap()).unwrap(), own);
    assert_eq!(std::fs::read(secrets::path_in(&target)).unwrap(), own, "from beside the named key");
    let fourth = empty.path().join("fourth");
    care::restore(&with_key, &fourth, None, false).unwrap();
    assert_eq!(std::fs::read(secrets::path_in(&fourth)).unwrap(), own, "from beside the copy");
    assert!(care::back_up(world.place.path(), &with_key, true).is_err(), "nothing is overwritten");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong() {
    let world = World::new().await;
    let findings = care::doctor(world.place.path(), None);
    assert!(findings.iter().all(|f| f.level != care::Level::Fail), "{findings:?}");
    world.service.stop();
    let path = key_file::path_in(world.place.path());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let findings = care::doctor(world.place.path(), None);
        assert!(findings.iter().any(|f| f.what.contains("identifiers.key") && f.level != care::Level::Ok));
    }
    let of_secrets = || {
        let findings = care::doctor(world.place.path(), None);
        findings.into_iter().filter(|f| f.what.contains("secrets")).collect::<Vec<_>>()
    };
    assert!(of_secrets().iter().all(|f| f.level == care::Level::Ok), "{:?}", of_secrets());
    std::fs::write(secrets::path_in(world.place.path()), "1 00\n").unwrap();
    assert!(of_secrets().iter().any(|f| f.level == care::Level::Fail), "{:?}", of_secrets());
    std::fs::remove_file(secrets::path_in(world.place.path())).unwrap();
    assert!(of_secrets().iter().any(|f| f.level == care::Level::Warn), "{:?}", of_secrets());
    std::fs::remove_file(&path).unwrap();
    assert!(care::doctor(world.place.path(), None).iter().any(|f| f.level == care::Level::Fail));
    let nowhere = care::doctor(std::path::Path::new("/nonexistent/kopilka"), None);
    assert!(nowhere.iter().any(|f| f.level == care::Level::Fail && !f.remedy.is_empty()));
}
